package org.slmruntime.gpuparity;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.gpuparity.KernelCase.Output;
import org.slmruntime.tensor.DType;

/** Activations as the GEMM of a format takes them, made by the kernel for it. */
sealed interface Prepared {
  /** Sets the GEMM's arguments. */
  KernelArguments into(KernelArguments arguments);

  /** What the preparing kernel wrote. */
  List<Output> outputs(Lab lab);

  static Prepared make(Lab lab, DType type, int tokens, int columns, RandomGenerator random) {
    long x = LinearCases.activations(lab, tokens, columns, random);
    return switch (type) {
      case F32 -> new Rows(x, columns);
      case F16, BF16 -> split(lab, LinearCases.suffix(type), x, tokens, columns);
      default -> int16(lab, x, tokens, columns);
    };
  }

  private static Prepared int16(Lab lab, long x, int tokens, int columns) {
    Int16 made =
        new Int16(
            lab.zeros(2L * tokens * columns),
            lab.zeros(4L * tokens * (columns / 32)),
            lab.zeros(4L * tokens * (columns / 16)),
            tokens,
            columns);
    lab.launch(
        "prepare_int16",
        Grid.of(tokens, 256),
        a ->
            made.into(a)
                .set("x", x)
                .set("x_stride", columns)
                .set("columns", columns)
                .set("tokens", tokens));
    return made;
  }

  private static Prepared split(Lab lab, String suffix, long x, int tokens, int columns) {
    int pitch = Math.ceilDiv(columns, 8) * 8;
    long bytes = 4L * tokens * pitch;
    Split made = new Split(lab.zeros(bytes), lab.zeros(4L * tokens), bytes, tokens);
    lab.launch(
        "prepare_split_" + suffix,
        Grid.of(tokens, 256),
        a ->
            made.into(a)
                .set("x", x)
                .set("x_stride", columns)
                .set("columns", columns)
                .set("tokens", tokens));
    return made;
  }

  /** Float32, as they are. */
  record Rows(long x, int columns) implements Prepared {
    @Override
    public KernelArguments into(KernelArguments arguments) {
      return arguments.set("x", x).set("x_stride", columns);
    }

    @Override
    public List<Output> outputs(Lab lab) {
      return List.of();
    }
  }

  /** Two parts in the weights' type. */
  record Split(long parts, long scales, long bytes, int tokens) implements Prepared {
    @Override
    public KernelArguments into(KernelArguments arguments) {
      return arguments.set("parts", parts).set("scales", scales);
    }

    @Override
    public List<Output> outputs(Lab lab) {
      return List.of(
          Output.exact("parts", lab.read(parts, bytes)),
          Output.exact("scales", lab.read(scales, 4L * tokens)));
    }
  }

  /** Two bytes, with scales and sums. */
  record Int16(long codes, long scales, long sums, int tokens, int columns) implements Prepared {
    @Override
    public KernelArguments into(KernelArguments arguments) {
      return arguments.set("codes", codes).set("scales", scales).set("sums", sums);
    }

    @Override
    public List<Output> outputs(Lab lab) {
      List<Output> outputs = new ArrayList<>();
      outputs.add(Output.exact("codes", lab.read(codes, 2L * tokens * columns)));
      outputs.add(Output.exact("scales", lab.read(scales, 4L * tokens * (columns / 32))));
      outputs.add(Output.exact("sums", lab.read(sums, 4L * tokens * (columns / 16))));
      return outputs;
    }
  }
}
