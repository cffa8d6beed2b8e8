#include <cstring>

#include "tensorflow/lite/micro/micro_interpreter.h"

namespace tflite {

#ifndef STANDIN_OUTPUTS
#define STANDIN_OUTPUTS 3
#define STANDIN_INPUT   32
#endif
constexpr size_t kInput = STANDIN_INPUT, kSizes[] = {STANDIN_OUTPUTS}, kOutputs = sizeof kSizes / sizeof kSizes[0];

static size_t sum(size_t outputs) {
    size_t bytes = 0;
    for (size_t i = 0; i < outputs; i++) {
        bytes += kSizes[i];
    }
    return bytes;
}

MicroInterpreter::MicroInterpreter(const Model *model, const MicroOpResolver &resolver, uint8_t *arena, size_t size,
                                   MicroResourceVariables *, MicroProfilerInterface *, bool preserve_all_tensors)
    : model_(model), resolver_(resolver), arena_(arena), size_(size), preserved_(preserve_all_tensors), input_(),
      outputs_(), tensor_() {}

TfLiteStatus MicroInterpreter::AllocateTensors() {
    const bool flatbuffer = std::memcmp(reinterpret_cast<const char *>(model_) + 4, "TFL3", 4) == 0;
    if (!flatbuffer || resolver_.operators == 0U || size_ < kInput + sum(kOutputs)) {
        return kTfLiteError;
    }
    input_.data.data = arena_;
    input_.bytes = kInput;
    for (size_t i = 0; i < kOutputs; i++) {
        outputs_[i].data.data = arena_ + kInput + sum(i);
        outputs_[i].bytes = kSizes[i];
    }
    return kTfLiteOk;
}

TfLiteStatus MicroInterpreter::Invoke() {
    for (size_t i = 0; i < sum(kOutputs); i++) {
        outputs_[0].data.int8[i] = static_cast<int8_t>(input_.data.int8[i] + 1);
    }
    return kTfLiteOk;
}

// Every tensor is the arena behind the outputs, which holds zeros; nothing is kept unless that was asked for.
TfLiteEvalTensor *MicroInterpreter::GetTensor(int, int) {
    tensor_.data.data = preserved_ ? arena_ + kInput + sum(kOutputs) : nullptr;
    return &tensor_;
}

TfLiteStatus MicroInterpreter::Reset() { return kTfLiteOk; }

TfLiteTensor *MicroInterpreter::input(size_t index) { return index == 0U ? &input_ : nullptr; }

TfLiteTensor *MicroInterpreter::output(size_t index) { return index < kOutputs ? &outputs_[index] : nullptr; }

}  // namespace tflite
