/* Numbers of the wire protocol, version 1 (docs/wire-protocol.md). All fields are little-endian. */
#ifndef EK_WIRE_H
#define EK_WIRE_H

#define EK_WIRE_PROTOCOL 1U

/* Most bytes of a vector, of samples or of a result that one frame carries. */
#ifndef EK_LINK_MAX_DATA
#define EK_LINK_MAX_DATA 1024U
#endif

#define EK_WIRE_HEADER 3U  /* type u8, sequence u16 */
#define EK_WIRE_FIELDS 12U /* most that stands before the data: run, number, offset */
#define EK_WIRE_CRC    4U
#define EK_WIRE_FRAME  (EK_WIRE_HEADER + EK_WIRE_FIELDS + EK_LINK_MAX_DATA + EK_WIRE_CRC)

/* A text or tensor name is cut to so many bytes. */
#define EK_WIRE_TEXT     31U
#define EK_WIRE_NAME     63U
#define EK_WIRE_MAX_RANK 8U

/* Stands for no vector, or for no node. */
#define EK_WIRE_NO_NUMBER 0xFFFFFFFFU

/* A result: status u8, 3 zero bytes, CRC-32 of the input u32, ticks u64, preprocessing ticks u64. */
#define EK_WIRE_RECORD 24U

/* What stands before the boxes of a picture: ticks u64, count u32. */
#define EK_WIRE_BOXES 12U

enum { /* requests; the answer has the same type with EK_WIRE_ANSWER set */
       EK_WIRE_HELLO = 0x01,
       EK_WIRE_TENSOR = 0x02,
       EK_WIRE_RESET = 0x03,
       EK_WIRE_VECTOR = 0x04,
       EK_WIRE_SIGNAL = 0x05,
       EK_WIRE_FETCH = 0x06,
       EK_WIRE_INFO = 0x07,
       EK_WIRE_PROFILE = 0x08,
       EK_WIRE_TRACE = 0x20,
       EK_WIRE_WATCH = 0x21,
       EK_WIRE_ANSWER = 0x80,
       EK_WIRE_ACK = 0x90,
       EK_WIRE_RESULT = 0x91,
       EK_WIRE_TRACED = 0xA2,
       EK_WIRE_ERROR = 0xFF
};

enum { /* codes of EK_WIRE_ERROR */
       EK_WIRE_DAMAGED = 1,
       EK_WIRE_UNKNOWN_TYPE = 2,
       EK_WIRE_BAD_LENGTH = 3,
       EK_WIRE_BAD_VALUE = 4,
       EK_WIRE_NO_RUN = 5,
       EK_WIRE_WRONG_MODE = 6,
       EK_WIRE_RESULT_GONE = 7,
       EK_WIRE_NO_PREPROC = 8,
       EK_WIRE_MODEL_FAILED = 9,
       EK_WIRE_PREPROC_FAILED = 10,
       EK_WIRE_NO_PROFILE = 11,
       EK_WIRE_NO_TRACE = 12
};

enum { /* flags of the hello */
       EK_WIRE_STATEFUL = 1,
       EK_WIRE_PREPROC = 2,
       EK_WIRE_CAMERA = 4
};

enum { /* modes and flags of a reset */
       EK_WIRE_VECTORS = 0,
       EK_WIRE_SIGNALS = 1,
       EK_WIRE_PICTURES = 2,
       EK_WIRE_WANT_INPUT = 1
};

enum { /* element types */
       EK_WIRE_INT8 = 1,
       EK_WIRE_UINT8 = 2,
       EK_WIRE_INT16 = 3,
       EK_WIRE_INT32 = 4,
       EK_WIRE_INT64 = 5,
       EK_WIRE_FLOAT32 = 6,
       EK_WIRE_BOOL = 7
};

#endif
