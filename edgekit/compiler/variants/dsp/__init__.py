"""What the variants for cores with SIMD multiplication (feature "dsp") share."""
