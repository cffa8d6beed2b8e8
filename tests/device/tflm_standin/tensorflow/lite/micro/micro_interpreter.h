// Stands in for TFLM in tests: its names, around an interpreter that adds 1 to the first inputs.
#pragma once
#include <cstddef>
#include <cstdint>

enum TfLiteStatus { kTfLiteOk = 0, kTfLiteError = 1 };

struct TfLiteTensor {
    union {
        void *data;
        int8_t *int8;
    } data;
    size_t bytes;
};

struct TfLiteEvalTensor {
    union {
        void *data;
        int8_t *int8;
    } data;
};

namespace tflite {

struct Model;
class MicroResourceVariables;
class MicroProfilerInterface;

class MicroOpResolver {
  public:
    virtual ~MicroOpResolver() {}
    unsigned operators = 0;
};

class MicroInterpreter {
  public:
    MicroInterpreter(const Model *model, const MicroOpResolver &resolver, uint8_t *arena, size_t size,
                     MicroResourceVariables *variables = nullptr, MicroProfilerInterface *profiler = nullptr,
                     bool preserve_all_tensors = false);
    virtual ~MicroInterpreter() {}
    TfLiteStatus AllocateTensors();
    TfLiteStatus Invoke();
    TfLiteStatus Reset();
    TfLiteTensor *input(size_t index);
    TfLiteTensor *output(size_t index);
    TfLiteEvalTensor *GetTensor(int index, int subgraph = 0);

  private:
    const Model *model_;
    const MicroOpResolver &resolver_;
    uint8_t *arena_;
    size_t size_;
    bool preserved_;
    TfLiteTensor input_, outputs_[2];
    TfLiteEvalTensor tensor_;
};

}  // namespace tflite
