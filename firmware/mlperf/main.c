/* The text protocol of MLPerf Tiny's runner, in place of the validation application.
 *
 * A command ends with '%', an answer with the line "m-ready". Commands: name, profile, timestamp, help, db
 * load N, db HEX, db print, infer N [W], results. What the runner expects stands in mlcommons/tiny,
 * benchmark/runner (device_under_test.py, script.py) and benchmark/api.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "ek_app_model.h"
#include "ek_port.h"

#define COMMAND  128U /* the runner sends up to 66 */
#define BYTES    0    /* EK_MLPERF_INPUT: the tensor's own bytes */
#define PICTURE  1    /* pixels from 0 to 255 for an int8 tensor */
#define FLOATS   2    /* float32, quantised here */
#define WARM_UPS 10U

static char command[COMMAND + 1U];
static size_t command_size;
static bool command_lost; /* longer than there is room */

static uint8_t buffer[EK_MLPERF_BUFFER];
static size_t buffer_size;
static size_t buffer_at;

static void say(const char *text) {
    ek_port_write((const uint8_t *)text, strlen(text));
}

static void say_number(uint64_t value) {
    char digits[21];
    size_t at = sizeof digits - 1U;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + value % 10U);
        value /= 10U;
    } while (value > 0U);
    say(digits + at);
}

static void say_hex(uint8_t byte) {
    const char digits[3] = {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15U], '\0'};
    say(digits);
}

/* Three digits behind the point, rounded half away from zero; what has no such form is 0. */
static void say_float(float value) {
    if (!(value > -1.0e9F && value < 1.0e9F)) {
        value = 0.0F;
    }
    if (value < 0.0F) {
        say("-");
        value = -value;
    }
    const uint64_t thousandths = (uint64_t)((double)value * 1000.0 + 0.5);
    say_number(thousandths / 1000U);
    const char rest[5] = {'.', (char)('0' + thousandths / 100U % 10U), (char)('0' + thousandths / 10U % 10U),
                          (char)('0' + thousandths % 10U), '\0'};
    say(rest);
}

/* Microseconds; on an emulated board, which has no time, instructions (the answer to `profile` says so). */
static void timestamp(void) {
    const uint64_t count = ek_port_counter();
    const uint32_t hz = ek_port_counter_hz();
    say("m-lap-us-");
    say_number(hz == 0U ? count : count / hz * 1000000U + count % hz * 1000000U / hz);
    say("\r\n");
}

static float number(const ek_app_tensor_t *tensor, const void *data, uint32_t at) {
    const float scale = tensor->scale > 0.0F ? tensor->scale : 1.0F;
    switch (tensor->type) {
    case EK_WIRE_INT8:
        return scale * (float)(((const int8_t *)data)[at] - tensor->zero_point);
    case EK_WIRE_UINT8:
        return scale * (float)(((const uint8_t *)data)[at] - tensor->zero_point);
    case EK_WIRE_INT16:
        return scale * (float)(((const int16_t *)data)[at] - tensor->zero_point);
    case EK_WIRE_INT32:
        return scale * (float)(((const int32_t *)data)[at] - tensor->zero_point);
    case EK_WIRE_FLOAT32:
        return ((const float *)data)[at];
    default:
        return (float)((const uint8_t *)data)[at];
    }
}

static uint32_t elements(const ek_app_tensor_t *tensor) {
    uint32_t count = 1;
    for (uint8_t i = 0; i < tensor->rank; i++) {
        count *= tensor->shape[i];
    }
    return count;
}

static void results(void) {
    const ek_app_tensor_t *tensor = &ek_app_model.outputs[0];
    const uint32_t count = elements(tensor);
    say("m-results-[");
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0U) {
            say(",");
        }
        say_float(number(tensor, ek_app_model.output(0), i));
    }
    say("]\r\n");
}

static int8_t quantised(const ek_app_tensor_t *tensor, float value) {
    const float steps = value / tensor->scale + (float)tensor->zero_point;
    const float nearest = steps < 0.0F ? steps - 0.5F : steps + 0.5F;
    if (!(nearest > -128.5F)) { /* NaN too */
        return INT8_MIN;
    }
    return nearest >= 127.0F ? INT8_MAX : (int8_t)nearest;
}

static void load_input(void) {
    const ek_app_tensor_t *tensor = &ek_app_model.inputs[0];
    int8_t *input = ek_app_model.input(0);
#if EK_MLPERF_INPUT == BYTES
    memcpy(input, buffer, tensor->bytes);
#else
    for (uint32_t i = 0; i < tensor->bytes; i++) {
#if EK_MLPERF_INPUT == PICTURE
        input[i] = (int8_t)(buffer[i] - 128);
#else
        float value;
        memcpy(&value, buffer + i * sizeof value, sizeof value);
        input[i] = quantised(tensor, value);
#endif
    }
#endif
#if EK_MLPERF_INPUT != FLOATS
    (void)quantised;
#endif
}

static ek_status_t infer(uint64_t count) {
    ek_status_t status = EK_OK;
    for (; count > 0U && status == EK_OK; count--) {
        load_input(); /* an inference may overwrite its input */
        status = ek_app_model.invoke();
    }
    return status;
}

/* Reads a number from *text on and moves behind it and the blanks that follow; false where there is none. */
static bool take_number(const char **text, uint64_t *value) {
    const char *at = *text;
    *value = 0;
    while (*at >= '0' && *at <= '9' && *value < UINT32_MAX) {
        *value = *value * 10U + (uint64_t)(*at++ - '0');
    }
    const bool found = at != *text && (*at == ' ' || *at == '\0');
    while (*at == ' ') {
        at++;
    }
    *text = at;
    return found;
}

static void infer_command(const char *text) {
    uint64_t count = 1;
    uint64_t warm_ups = WARM_UPS;
    if (*text != '\0' && (!take_number(&text, &count) || count == 0U)) {
        say("e-[Inference iterations must be >0]\r\n");
        return;
    }
    if (*text != '\0' && !take_number(&text, &warm_ups)) {
        say("e-[Inference warmup must be >=0]\r\n");
        return;
    }
    if (ek_app_model.reset != NULL) {
        (void)ek_app_model.reset();
    }
    say("m-warmup-start-");
    say_number(warm_ups);
    say("\r\n");
    ek_status_t status = infer(warm_ups);
    say("m-warmup-done\r\nm-infer-start-");
    say_number(count);
    say("\r\n");
    timestamp();
    if (status == EK_OK) {
        status = infer(count);
    }
    timestamp();
    say("m-infer-done\r\n");
    if (status != EK_OK) {
        say("e-[Inference failed with status ");
        say_number((uint64_t)status);
        say("]\r\n");
        return;
    }
    results();
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void load(const char *text) {
    uint64_t size;
    if (!take_number(&text, &size) || size == 0U) {
        say("e-[Command 'db load' must be >0 bytes]\r\n");
    } else if (size > sizeof buffer) {
        say("e-[Supplied buffer size exceeds maximum of ");
        say_number(sizeof buffer);
        say("]\r\n");
    } else {
        buffer_size = (size_t)size;
        buffer_at = 0;
        say("m-[Expecting ");
        say_number(size);
        say(" bytes]\r\n");
    }
}

static void print_buffer(void) {
    for (size_t i = 0; i < buffer_size; i++) {
        say(i % 8U == 0U ? "m-buffer-" : "-");
        say_hex(buffer[i]);
        if (i % 8U == 7U || i + 1U == buffer_size) {
            say("\r\n");
        }
    }
}

static void take_hex(const char *text) {
    if (strlen(text) % 2U != 0U) {
        say("e-[Insufficent number of hex digits]\r\n");
        return;
    }
    for (; *text != '\0' && buffer_at < buffer_size; text += 2) {
        const int high = hex_digit(text[0]);
        const int low = hex_digit(text[1]);
        if (high < 0 || low < 0) {
            say("e-[Invalid hex digit]\r\n");
            return;
        }
        buffer[buffer_at++] = (uint8_t)(high * 16 + low);
        if (buffer_at == buffer_size) {
            say("m-load-done\r\n");
        }
    }
}

/* Whether `text` begins with a word; then *rest points behind it. */
static bool word(const char *text, const char *name, const char **rest) {
    const size_t size = strlen(name);
    if (strncmp(text, name, size) != 0 || (text[size] != ' ' && text[size] != '\0')) {
        return false;
    }
    *rest = text + size;
    while (**rest == ' ') {
        (*rest)++;
    }
    return true;
}

static void profile(void) {
    say("m-profile-[edgekit ");
    say(ek_app_model.edgekit);
    say(" ");
    say(ek_app_model.engine);
    say("]\r\nm-model-[");
    say(ek_app_model.name);
    say("]\r\nm-timer-[");
    say(ek_port_counter_hz() == 0U ? ek_port_counter_unit() : "us");
    say("]\r\n");
}

static void obey(const char *text) {
    const char *rest;
    if (word(text, "name", &rest)) {
        say("m-name-dut-[edgekit]\r\n");
    } else if (word(text, "profile", &rest)) {
        profile();
    } else if (word(text, "timestamp", &rest)) {
        timestamp();
    } else if (word(text, "help", &rest)) {
        say("name, profile, timestamp, db load N, db HEX, db print, infer N [W], results\r\n");
    } else if (word(text, "db", &rest)) {
        if (word(rest, "load", &rest)) {
            load(rest);
        } else if (word(rest, "print", &rest)) {
            print_buffer();
        } else if (*rest == '\0') {
            say("e-[Command 'db' requires a subcommand]\r\n");
        } else {
            take_hex(rest);
        }
    } else if (word(text, "infer", &rest)) {
        infer_command(rest);
    } else if (word(text, "results", &rest)) {
        results();
    } else {
        say("e-[Unknown command: ");
        say(text);
        say("]\r\n");
    }
}

static void take(char byte) {
    if (byte == '%') {
        command[command_size] = '\0';
        if (command_lost) {
            say("e-[Command is too long]\r\n");
        } else {
            obey(command);
        }
        say("m-ready\r\n");
        command_size = 0;
        command_lost = false;
    } else if (byte == '\r' || byte == '\n') {
        return; /* the runner sends none; people do */
    } else if (command_size < COMMAND) {
        command[command_size++] = byte;
    } else {
        command_lost = true;
    }
}

int ek_app_main(void) {
    const ek_status_t status = ek_app_model.init();
    say("m-init-done\r\n");
    if (status != EK_OK) {
        say("e-[The model cannot be initialised]\r\n");
    }
    say("m-ready\r\n");
    for (;;) {
        uint8_t bytes[32];
        const size_t count = ek_port_read(bytes, sizeof bytes);
        for (size_t i = 0; i < count; i++) {
            take((char)bytes[i]);
        }
        if (count == 0U) {
            ek_port_idle();
        }
    }
}
