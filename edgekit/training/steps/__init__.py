"""The compression steps, one file each: a trained model in, a smaller or hardier one out."""
