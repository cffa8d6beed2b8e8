/* What a call of generated code returns. */
#ifndef EK_STATUS_H
#define EK_STATUS_H

/* The caller must look at the result. */
#if defined(__GNUC__)
#define EK_CHECK __attribute__((warn_unused_result))
#else
#define EK_CHECK
#endif

typedef enum {
    EK_OK = 0,
    EK_ERROR_ARGUMENT,    /* a null pointer */
    EK_ERROR_ARENA_SIZE,  /* the arena is smaller than <NAME>_ARENA_SIZE */
    EK_ERROR_ARENA_ALIGN, /* the arena is not aligned to <NAME>_ARENA_ALIGN */
    EK_ERROR_STATE        /* called before _init succeeded */
} ek_status_t;

#endif
