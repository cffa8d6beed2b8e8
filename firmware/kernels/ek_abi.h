/* Version of what generated code and kernels agree on; generated code refuses any other with #error. */
#ifndef EK_ABI_H
#define EK_ABI_H

#define EK_ABI_VERSION 1

#endif
