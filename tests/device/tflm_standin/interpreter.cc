#include <cstring>

#include "tensorflow/lite/micro/micro_interpreter.h"

namespace tflite {

constexpr size_t kInput = 32, kOutput = 3;

MicroInterpreter::MicroInterpreter(const Model *model, const MicroOpResolver &resolver, uint8_t *arena, size_t size,
                                   MicroResourceVariables *, MicroProfilerInterface *, bool preserve_all_tensors)
    : model_(model), resolver_(resolver), arena_(arena), size_(size), preserved_(preserve_all_tensors), input_(),
      output_(), tensor_() {}

TfLiteStatus MicroInterpreter::AllocateTensors() {
    const bool flatbuffer = std::memcmp(reinterpret_cast<const char *>(model_) + 4, "TFL3", 4) == 0;
    if (!flatbuffer || resolver_.operators != 2U || size_ < kInput + kOutput) {
        return kTfLiteError;
    }
    input_.data.data = arena_;
    input_.bytes = kInput;
    output_.data.data = arena_ + kInput;
    output_.bytes = kOutput;
    return kTfLiteOk;
}

TfLiteStatus MicroInterpreter::Invoke() {
    for (size_t i = 0; i < kOutput; i++) {
        output_.data.int8[i] = static_cast<int8_t>(input_.data.int8[i] + 1);
    }
    return kTfLiteOk;
}

// Every tensor is the arena behind the outputs, which holds zeros; nothing is kept unless that was asked for.
TfLiteEvalTensor *MicroInterpreter::GetTensor(int, int) {
    tensor_.data.data = preserved_ ? arena_ + kInput + kOutput : nullptr;
    return &tensor_;
}

TfLiteStatus MicroInterpreter::Reset() { return kTfLiteOk; }

TfLiteTensor *MicroInterpreter::input(size_t index) { return index == 0U ? &input_ : nullptr; }

TfLiteTensor *MicroInterpreter::output(size_t index) { return index == 0U ? &output_ : nullptr; }

}  // namespace tflite
