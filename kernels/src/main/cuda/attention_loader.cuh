// What a decoding block works on, and the copies of cached rows to shared memory.
#pragma once
#include "attention_parts.cuh"

namespace attention {

constexpr int WARPS = THREADS / 32;
constexpr int MAX_HEADS = 8;
constexpr uint32_t ALL_LANES = 0xFFFFFFFFu;

// A block's task: `heads` query heads of one kv head, and the tokens it sees. q belongs to the first head.
struct DecodeTask {
  const float* q;
  Side keys;
  Side values;
  const int* block_table;
  int kv_head;
  int kv_heads;
  int block_tokens;
  Range range;
  Logit logit;
  int heads;
};

// How query heads lie in shared memory, and later the sums of a chunk: halves of parts apart from each other, so that neither lanes that access whole
// halves nor lanes that access neighbouring elements meet in a bank.
template <int LANES>
struct Staged {
  static constexpr int HALF = 4 * LANES + 16;
  static constexpr int CHUNK = 2 * HALF;

  template <class Parts>
  __device__ static int index(int d) {
    return Parts::half_of(d) * HALF + 4 * Parts::lane_of(d) + d % 4;
  }
};

// LOADS rows are loaded per lane and step, STAGES steps are under way at once.
template <class P, int LANES_, int CHUNKS_, int SIZE_, int LOADS_, int STAGES_>
struct DecodeShape {
  using Parts = P;
  using Stage = Staged<LANES_>;
  static constexpr int LANES = LANES_, CHUNKS = CHUNKS_, SIZE = SIZE_, LOADS = LOADS_, STAGES = STAGES_;
  static constexpr int ROWS = 32 / LANES;       // read by a warp at once
  static constexpr int STEP = ROWS * LOADS;     // tokens of a warp's step
  static constexpr int WIDTH = 8 * LANES;       // elements of a chunk
  static constexpr int HEAD_FLOATS = CHUNKS * Stage::CHUNK;
  static constexpr int STAGE_BYTES = 2 * LOADS * Parts::BYTES;
  static constexpr int Q_BYTES = 4 * MAX_HEADS * HEAD_FLOATS;
  static constexpr int RING_BYTES = STAGES * STAGE_BYTES;
  static constexpr int MERGE_BYTES = 4 * WARPS * MAX_HEADS * Stage::CHUNK;
  static constexpr int BYTES = RING_BYTES + Q_BYTES > MERGE_BYTES ? RING_BYTES + Q_BYTES : MERGE_BYTES;

  // Where in the ring a key's parts are; its value's follow.
  __device__ static char* slot(char* ring, int stage, int load) { return ring + stage * STAGE_BYTES + 2 * load * Parts::BYTES; }
};

// Which of the rows that a warp reads at once this lane has a part of, and its number among the lanes that share it.
template <class Shape>
__device__ inline int warp_row() {
  return threadIdx.x % 32 / Shape::LANES;
}

template <class Shape>
__device__ inline int lane() {
  return threadIdx.x % Shape::LANES;
}

// q of all heads to shared memory; zeros for heads and elements that are not there.
template <class Shape>
__device__ inline void stage_queries(float* staged, const DecodeTask& task) {
  constexpr int ROW = Shape::CHUNKS * Shape::WIDTH;
  int size = Shape::SIZE ? Shape::SIZE : task.keys.size;
#pragma unroll 2
  for (int i = threadIdx.x; i < MAX_HEADS * ROW; i += THREADS) {
    int head = i / ROW;
    int d = i % ROW;
    float x = head < task.heads && d < size ? task.q[(int64_t)head * size + d] : 0.0f;
    int at = Shape::Stage::template index<typename Shape::Parts>(d % Shape::WIDTH);
    staged[head * Shape::HEAD_FLOATS + d / Shape::WIDTH * Shape::Stage::CHUNK + at] = x;
  }
}

// The blocks of 32 consecutive entries of a block table, one per lane.
class Pages {
  public:
  __device__ Pages(const int* table, int last) : table_(table), last_(last), first_(-32), block_(0) {}

  // Makes entries first .. last available, at most 32; all lanes must ask for the same.
  __device__ void need(int first, int last) {
    if (last - first_ >= 32) {
      first_ = first;
      int entry = first_ + (int)(threadIdx.x % 32);
      block_ = entry <= last_ ? table_[entry] : 0;
    }
  }

  __device__ int get(int entry) const { return __shfl_sync(ALL_LANES, block_, entry - first_); }

  private:
  const int* table_;
  int last_;
  int first_;
  int block_;
};

// Copies a warp's rows to its lanes' slots of a ring, steps ahead of their use.
template <class Shape>
class Loader {
  using Parts = typename Shape::Parts;

  public:
  __device__ Loader(const DecodeTask& task, char* ring, Range range)
      : task_(task), ring_(ring), range_(range), cursor_(range.first + warp_row<Shape>(), Shape::ROWS, task.block_tokens),
        pages_(task.block_table, (range.end - 1) / task.block_tokens) {}

  // Starts the copies of a step's rows, if it has any.
  __device__ void load(int step, int stage) {
    int token = range_.first + step * Shape::STEP;
    if (token < range_.end) {
      Cursor last = cursor_;
#pragma unroll
      for (int load = 1; load < Shape::LOADS; load++) {
        last.advance();
      }
      pages_.need(__shfl_sync(ALL_LANES, cursor_.block, 0), __shfl_sync(ALL_LANES, last.block, 31));
#pragma unroll
      for (int load = 0; load < Shape::LOADS; load++) {
        int chunk = pages_.get(cursor_.block) * task_.kv_heads + task_.kv_head;
        bool valid = token + load * Shape::ROWS + warp_row<Shape>() < range_.end;
        char* slot = Shape::slot(ring_, stage, load);
        Parts::copy(slot, task_.keys, chunk, cursor_.row, lane<Shape>(), task_.block_tokens, valid);
        Parts::copy(slot + Parts::BYTES, task_.values, chunk, cursor_.row, lane<Shape>(), task_.block_tokens, valid);
        cursor_.advance();
      }
    }
    commit_copies();
  }

  private:
  const DecodeTask& task_;
  char* ring_;
  Range range_;
  Cursor cursor_;
  Pages pages_;
};

}  // namespace attention
