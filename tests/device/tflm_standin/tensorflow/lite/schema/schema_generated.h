#pragma once
#include "tensorflow/lite/micro/micro_interpreter.h"

namespace tflite {

inline const Model *GetModel(const void *data) {
    return static_cast<const Model *>(data);
}

}  // namespace tflite
