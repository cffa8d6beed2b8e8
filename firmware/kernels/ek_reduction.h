/* The axes that a reduction keeps and reduces, after neighbours were merged. */
#ifndef EK_REDUCTION_H
#define EK_REDUCTION_H

#define EK_REDUCTION_AXES 3

#endif
