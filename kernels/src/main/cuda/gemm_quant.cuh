// Products of quantized matrices with activations of 16 bits in two int8 planes, on the tensor cores.
//
// A block computes 16 ROW_WARPS rows for TOKENS tokens. A warp has 16 rows: it multiplies 32 columns of them by the two planes, which is exact, puts
// the two integers together, and adds their product with the scales to its float sums. Columns are summed in four parts, one after the other or
// by four teams of warps side by side, and the parts in order: both kinds of kernel, and every number of tokens, give the same bits.
#pragma once

#include "gemm_sums.cuh"
#include "gemm_tile.cuh"
#include "tensor_cores.cuh"

namespace gemm {

// Steps of each part: whole pieces of scales.
__device__ __forceinline__ int part_steps(int steps) {
  return (steps + PARTS * SCALE_STEPS - 1) / (PARTS * SCALE_STEPS) * SCALE_STEPS;
}

// d, and dmin, of a row's 256 columns.
template <class Format>
__device__ __forceinline__ float2 load_super(const Operands& o, int row, int piece) {
  constexpr int PLANE = Format::CODE_PLANES + 1;
  if (Format::SUPER_BYTES == 0 || row >= o.rows) {
    return {0.0f, 0.0f};
  }
  const uint8_t* at = static_cast<const uint8_t*>(o.weights.plane[PLANE]) + static_cast<int64_t>(row) * o.weights.pitch[PLANE] + piece * Format::SUPER_BYTES;
  if constexpr (Format::SUPER_BYTES == 4) {
    return halves_at(at);
  } else {
    return {half_at(at), 0.0f};
  }
}

// What one group of 32 columns of the warp's 16 rows comes to.
struct Fragment {
  uint32_t codes[4];
  Scales low;   // of row l / 4
  Scales high;  // of row l / 4 + 8
};

template <class Format>
__device__ __forceinline__ Fragment load_fragment(const Row& low, const Row& high, const Place& place, float2 low_super, float2 high_super) {
  Fragment f;
  f.codes[0] = Format::codes(low, place, 0);
  f.codes[1] = Format::codes(high, place, 0);
  f.codes[2] = Format::codes(low, place, 1);
  f.codes[3] = Format::codes(high, place, 1);
  f.low = Format::scales(low, place, low_super);
  f.high = Format::scales(high, place, high_super);
  return f;
}

// Integers start from the bits of 1.5 * 2^23. As long as they stay within 2^22 of that, which codes of 8 bits do over 32 columns, their bits are those
// of the float 1.5 * 2^23 + integer: converting them by instruction would take most of the kernel's time.
constexpr int START_BITS = 0x4B400000;
constexpr float START = 12582912.0f;

// 256 * high + low, rounded once: the product's sum is 256 * high - START, a multiple of 256 that a float holds exactly, and the other is START + low.
__device__ __forceinline__ float joined(int high, int low) {
  return fmaf(__int_as_float(high), 256.0f, -257.0f * START) + __int_as_float(low);
}

// Adds scale * activation scale * integer for eight tokens.
__device__ __forceinline__ void add_scaled(float (&sums)[4], const int (&high)[4], const int (&low)[4], float low_row, float high_row, float2 scale) {
  sums[0] = fmaf(low_row, joined(high[0], low[0]) * scale.x, sums[0]);
  sums[1] = fmaf(low_row, joined(high[1], low[1]) * scale.y, sums[1]);
  sums[2] = fmaf(high_row, joined(high[2], low[2]) * scale.x, sums[2]);
  sums[3] = fmaf(high_row, joined(high[3], low[3]) * scale.y, sums[3]);
}

// Adds the products with eight tokens; b holds columns 0..15 and 16..31 of the high plane, then of the low one.
template <class Format>
__device__ __forceinline__ void add_products(float (&sums)[4], const Fragment& f, const uint32_t (&b)[4], float2 scale) {
  int high[4], low[4];
  if constexpr (Format::HALVES == 1) {
    tensor::multiply_s8_k32(high, START_BITS, f.codes, b[0], b[1]);
    tensor::multiply_s8_k32(low, START_BITS, f.codes, b[2], b[3]);
    add_scaled(sums, high, low, f.low.scale[0], f.high.scale[0], scale);
  } else {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      tensor::multiply_s8_k16(high, START_BITS, f.codes[2 * half], f.codes[2 * half + 1], b[half]);
      tensor::multiply_s8_k16(low, START_BITS, f.codes[2 * half], f.codes[2 * half + 1], b[2 + half]);
      add_scaled(sums, high, low, f.low.scale[half], f.high.scale[half], scale);
    }
  }
}

// Adds minimum * sum of activations; x and y are the sums of 16 activations each of the lane's two tokens.
template <int MINIMUMS>
__device__ __forceinline__ void add_minimums(float (&sums)[4], const Fragment& f, float2 x, float2 y) {
  if constexpr (MINIMUMS == 1) {
    x.x += x.y;
    y.x += y.y;
  }
#pragma unroll
  for (int i = 0; i < MINIMUMS; i++) {
    sums[0] = fmaf(f.low.minimum[i], i == 0 ? x.x : x.y, sums[0]);
    sums[1] = fmaf(f.low.minimum[i], i == 0 ? y.x : y.y, sums[1]);
    sums[2] = fmaf(f.high.minimum[i], i == 0 ? x.x : x.y, sums[2]);
    sums[3] = fmaf(f.high.minimum[i], i == 0 ? y.x : y.y, sums[3]);
  }
}

// Adds 32 columns of a stage to the sums of the first `live` tiles of eight tokens.
template <class Format, int ROWS, int TOKENS>
__device__ __forceinline__ void multiply_group(Sums<TOKENS>& sums, const Fragment& f, const Stage<Format, ROWS, TOKENS>& stage, int group, int live) {
  const int lane = threadIdx.x % 32;
  const int pair = 2 * (lane % 4);
  const uint8_t* row = stage.activations[lane / 16] + swizzled<STEP>(lane % 8, 32 * group + lane / 8 % 2 * 16);
  const uint32_t address = shared_address(row);
  for_live_tiles<TOKENS>(live, [&](int tile) {
    uint32_t b[4];
    tensor::load_matrices(b, address + tile * 8 * STEP);
    const float2 scale = *reinterpret_cast<const float2*>(&stage.scales[group][8 * tile + pair]);
    add_products<Format>(sums.tile[tile], f, b, scale);
    if constexpr (Format::MINIMUMS > 0) {
      const float2 x = *reinterpret_cast<const float2*>(&stage.sums[8 * tile + pair][2 * group]);
      const float2 y = *reinterpret_cast<const float2*>(&stage.sums[8 * tile + pair + 1][2 * group]);
      add_minimums<Format::MINIMUMS>(sums.tile[tile], f, x, y);
    }
  });
}

// A block's kernel of one shape; every method is called by all of its threads.
template <class Format, int ROW_WARPS, int TEAMS, int TOKENS, int STAGES>
struct Multiplication {
  static_assert(TEAMS == 1 || TEAMS == PARTS, "columns are summed in four parts");
  static constexpr int ROWS = 16 * ROW_WARPS;
  static constexpr int THREADS = 32 * ROW_WARPS;
  using TeamTile = Tile<Format, ROWS, TOKENS, STAGES>;
  static_assert(TEAMS == 1 || sizeof(TeamTile) * TEAMS >= (TEAMS - 1) * ROWS * TOKENS * sizeof(float), "the teams' sums take the tiles' place");

  const Operands& o;
  TeamTile& tile;
  const int thread;  // of the team
  const int first_row;
  const int first_token;
  const int low_row;  // of the block; the lane also has the row 8 below
  const int live;     // tiles of eight tokens
  float2 super[2] = {}, next_super[2] = {};
  Sums<TOKENS> sums;

  __device__ __forceinline__ Multiplication(const Operands& operands, TeamTile& team_tile, int team_thread)
      : o(operands),
        tile(team_tile),
        thread(team_thread),
        first_row(blockIdx.x * ROWS),
        first_token(blockIdx.y * TOKENS),
        low_row(thread / 32 * 16 + thread % 32 / 4),
        live(live_tiles<TOKENS>(first_row + thread / 32 * 16, o.rows, first_token, o.tokens)) {
    sums.clear();
  }

  __device__ __forceinline__ void load_supers(int piece) {
    next_super[0] = load_super<Format>(o, first_row + low_row, piece);
    next_super[1] = load_super<Format>(o, first_row + low_row + 8, piece);
  }

  __device__ __forceinline__ void start_copies(int step, int end, int stage) {
    if (step < end) {
      copy_step<Format, ROWS, TOKENS, STAGES, THREADS>(tile, o, first_row, first_token, step, stage, thread);
    }
    commit_copies();
  }

  // With the first step of a piece of 256 columns: its d and dmin, which were asked for a piece ago.
  __device__ __forceinline__ void turn_piece(int step, int end) {
    if (Format::SUPER_BYTES > 0 && starts_piece(step)) {
      super[0] = next_super[0];
      super[1] = next_super[1];
      if (step + SCALE_STEPS < end) {
        load_supers(piece_of(step) + 1);
      }
    }
  }

  __device__ __forceinline__ void multiply_step(int step, int stage, int groups) {
    const auto& now = tile.stages[stage];
    const uint8_t* weight_scales = tile.weight_scales[piece_of(step) & 1];
    const Row low = {{now.codes0, now.codes1}, weight_scales, low_row};
    const Row high = {{now.codes0, now.codes1}, weight_scales, low_row + 8};
#pragma unroll
    for (int group = 0; group < STEP_GROUPS; group++) {
      if (STEP_GROUPS * step + group < groups) {
        const Place place = {group, (STEP_GROUPS * step + group) & 7, thread % 4};
        const Fragment f = load_fragment<Format>(low, high, place, super[0], super[1]);
        multiply_group<Format, ROWS, TOKENS>(sums, f, now, group, live);
      }
    }
  }

  // Sums of the steps first .. end - 1, in parts; the loop's length is the same for every team.
  __device__ __forceinline__ void run(Sums<TOKENS>& total, int first, int end, int count, int steps_of_part) {
    if (first < end) {
      load_supers(piece_of(first));
    }
#pragma unroll
    for (int i = 0; i < STAGES - 1; i++) {
      start_copies(first + i, end, i);
    }
    int stage = 0;
#pragma unroll 1
    for (int i = 0; i < count; i++) {
      const int step = first + i;
      wait_copies<STAGES - 2>();
      __syncthreads();
      start_copies(step + STAGES - 1, end, stage == 0 ? STAGES - 1 : stage - 1);
      if (step < end) {
        turn_piece(step, end);
        multiply_step(step, stage, o.columns / 32);
      }
      if (TEAMS == 1 && (i + 1) % steps_of_part == 0) {
        total.add(sums);
        sums.clear();
      }
      stage = stage == STAGES - 1 ? 0 : stage + 1;
    }
    total.add(sums);
  }
};

// As many stages as fit into static shared memory, of two and three.
template <class Format, int ROW_WARPS, int TEAMS, int TOKENS>
constexpr int STAGES_THAT_FIT = TEAMS * sizeof(Tile<Format, 16 * ROW_WARPS, TOKENS, 3>) <= 48 * 1024 ? 3 : 2;

template <class Format, int ROW_WARPS, int TEAMS, int TOKENS>
__device__ __forceinline__ void multiply(const Operands& o, const Output& output) {
  using Kernel = Multiplication<Format, ROW_WARPS, TEAMS, TOKENS, STAGES_THAT_FIT<Format, ROW_WARPS, TEAMS, TOKENS>>;
  __shared__ typename Kernel::TeamTile tiles[TEAMS];
  const int team = threadIdx.x / Kernel::THREADS;
  const int steps = (o.columns / 32 + STEP_GROUPS - 1) / STEP_GROUPS;
  const int part = part_steps(steps);
  const int first = team * part;
  Sums<TOKENS> total;
  total.clear();
  Kernel kernel(o, tiles[team], threadIdx.x % Kernel::THREADS);
  if constexpr (TEAMS == 1) {
    kernel.run(total, 0, steps, steps, part);
  } else {
    kernel.run(total, first, min(steps, first + part), min(steps, part), part);
    add_teams<TEAMS, Kernel::THREADS>(total, reinterpret_cast<float*>(tiles), team, kernel.thread);
  }
  if (team == 0) {
    total.store(output, kernel.first_row + kernel.low_row, kernel.first_token);
  }
}

}  // namespace gemm

// The entries of a format, for blocks of 256 threads: 128 rows by 64 tokens, and 32 rows by 16 tokens with the columns split over four teams.
#define GEMM_ENTRY(NAME, ...)                                                                                                          \
  extern "C" __global__ void __launch_bounds__(256, 2)                                                                                 \
      NAME(const Matrix weights, const int8_t* __restrict__ codes, const float* __restrict__ scales, const float* __restrict__ sums,   \
           const float* __restrict__ bias, const float* residual, int residual_stride, float* y, int y_stride, int rows, int columns,  \
           int tokens) {                                                                                                               \
    gemm::multiply<__VA_ARGS__>({weights, codes, scales, sums, rows, columns, tokens},                                                 \
                                {bias, residual, residual_stride, y, y_stride, rows, tokens, nullptr});                                \
  }
#define GEMM_ENTRIES(SUFFIX, FORMAT)                    \
  GEMM_ENTRY(gemm_##SUFFIX, gemm::FORMAT, 8, 1, 64)     \
  GEMM_ENTRY(gemm_##SUFFIX##_few, gemm::FORMAT, 2, 4, 16)
