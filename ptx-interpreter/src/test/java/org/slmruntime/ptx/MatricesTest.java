package org.slmruntime.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Products of whole matrices: A and B are staged in shared memory and read by the lanes as the PTX
 * manual's figures say.
 */
class MatricesTest {
  private final Random random = new Samples().random();

  /** Loads register NUMBER from row ROW and byte BYTE of a matrix of PITCH bytes a row at BASE. */
  private static String load(int number, String pointer, String row, int pitch, String at) {
    return """
    mad.lo.s32 %%r40, %s, %d, %s;
    cvt.u64.u32 %%rd40, %%r40;
    add.s64 %%rd41, %s, %%rd40;
    ld.global.u32 %%r%d, [%%rd41];
    """
        .formatted(row, pitch, at, pointer, number);
  }

  /** Lane groups in %r30 and %r31 (= %r30 + 8), four times the place in the group in %r32. */
  private static final String LANES =
      """
      shr.u32 %r30, %r1, 2;
      add.u32 %r31, %r30, 8;
      and.b32 %r32, %r1, 3;
      shl.b32 %r32, %r32, 2;
      add.u32 %r33, %r32, 16;
      shl.b32 %r34, %r32, 1;
      """;

  private static String results(String type) {
    return """
    mad.lo.s32 %%r40, %%r30, 32, %%r34;
    cvt.u64.u32 %%rd40, %%r40;
    add.s64 %%rd41, %%rd3, %%rd40;
    st.global.v2.%1$s [%%rd41], {%%r20, %%r21};
    st.global.v2.%1$s [%%rd41+256], {%%r22, %%r23};
    """
        .formatted(type);
  }

  /** A row-major [16][k], B column-major [8][k], both of rows of BYTES bytes. */
  private static String product(String mma, int bytes, String type) {
    boolean half = bytes == 16;
    String a =
        load(10, "%rd1", "%r30", bytes, "%r32")
            + load(11, "%rd1", "%r31", bytes, "%r32")
            + (half ? "" : load(12, "%rd1", "%r30", bytes, "%r33"))
            + (half ? "" : load(13, "%rd1", "%r31", bytes, "%r33"));
    String b =
        load(14, "%rd2", "%r30", bytes, "%r32")
            + (half ? "" : load(15, "%rd2", "%r30", bytes, "%r33"));
    String operands = half ? "{%r10, %r11}, {%r14}" : "{%r10, %r11, %r12, %r13}, {%r14, %r15}";
    String start =
        "mad.lo.s32 %r40, %r30, 32, %r34;\ncvt.u64.u32 %rd40, %r40;\nadd.s64 %rd41, %rd4, %rd40;\n"
            + "ld.global.v2.u32 {%r20, %r21}, [%rd41];\nld.global.v2.u32 {%r22, %r23}, [%rd41+256];\n";
    return LANES
        + a
        + b
        + start
        + mma
        + " {%r20, %r21, %r22, %r23}, "
        + operands
        + ", {%r20, %r21, %r22, %r23};\n"
        + results(type);
  }

  private void checkIntegers(String mma, int k, boolean aSigned, boolean bSigned) {
    byte[] a = new byte[16 * k];
    byte[] b = new byte[8 * k];
    random.nextBytes(a);
    random.nextBytes(b);
    int[] c = random.ints(128).toArray();
    Lab lab = Lab.checked();
    long out = lab.memory.allocate(512);
    String body = product(mma, k, "u32");
    Counters counters = lab.run("", body, 32, lab.upload(a), lab.upload(b), out, lab.upload(c));
    assertEquals(1, counters.matrixMultiplies());
    int[] results = lab.ints(out, 128);
    for (int i = 0; i < 16; i++) {
      for (int j = 0; j < 8; j++) {
        int sum = c[8 * i + j];
        for (int l = 0; l < k; l++) {
          int x = aSigned ? a[i * k + l] : a[i * k + l] & 255;
          sum += x * (bSigned ? b[j * k + l] : b[j * k + l] & 255);
        }
        assertEquals(
            sum, results[8 * i + j], mma + ", element " + i + ", " + j + ", seed " + Lab.SEED);
      }
    }
  }

  @Test
  void multipliesBytes() {
    checkIntegers("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32", 32, true, true);
    checkIntegers("mma.sync.aligned.m16n8k32.row.col.s32.u8.s8.s32", 32, false, true);
    checkIntegers("mma.sync.aligned.m16n8k32.row.col.s32.s8.u8.s32", 32, true, false);
    checkIntegers("mma.sync.aligned.m16n8k16.row.col.s32.u8.u8.s32", 16, false, false);
  }

  private void checkFloats(String type, int k) {
    long[] a = new long[16 * k];
    long[] b = new long[8 * k];
    byte[] aBytes = draw(a, type);
    byte[] bBytes = draw(b, type);
    int[] c = new int[128];
    for (int i = 0; i < 128; i++) {
      c[i] = Float.floatToRawIntBits((float) random.nextGaussian());
    }
    String mma = "mma.sync.aligned.m16n8k" + k + ".row.col.f32." + type + "." + type + ".f32";
    Lab lab = Lab.checked();
    long out = lab.memory.allocate(512);
    String body = product(mma, 2 * k, "f32");
    lab.run("", body, 32, lab.upload(aBytes), lab.upload(bBytes), out, lab.upload(c));
    int[] results = lab.ints(out, 128);
    for (int i = 0; i < 16; i++) {
      for (int j = 0; j < 8; j++) {
        double sum = Float.intBitsToFloat(c[8 * i + j]);
        double size = Math.abs(sum);
        for (int l = 0; l < k; l++) {
          double p = decode(a[i * k + l], type) * decode(b[j * k + l], type);
          sum += p;
          size += Math.abs(p);
        }
        assertEquals(
            sum,
            Float.intBitsToFloat(results[8 * i + j]),
            size * 1e-6,
            mma + ", element " + i + ", " + j + ", seed " + Lab.SEED);
      }
    }
  }

  private byte[] draw(long[] values, String type) {
    byte[] bytes = new byte[2 * values.length];
    for (int i = 0; i < values.length; i++) {
      float x = (float) random.nextGaussian();
      int bits = type.equals("f16") ? Float.floatToFloat16(x) : Float.floatToRawIntBits(x) >>> 16;
      values[i] = bits & 0xffff;
      bytes[2 * i] = (byte) bits;
      bytes[2 * i + 1] = (byte) (bits >> 8);
    }
    return bytes;
  }

  private static double decode(long bits, String type) {
    return type.equals("f16") ? Exact.half(bits) : Exact.bfloat(bits);
  }

  @Test
  void multipliesHalves() {
    checkFloats("f16", 16);
    checkFloats("bf16", 16);
    checkFloats("f16", 8);
    checkFloats("bf16", 8);
  }

  private static final String LOAD_ROWS =
      """
      mov.u32 %r10, sh;
      shl.b32 %r11, %r1, 4;
      add.s32 %r12, %r10, %r11;
      mul.wide.u32 %rd10, %r1, 16;
      add.s64 %rd11, %rd1, %rd10;
      add.s64 %rd12, %rd2, %rd10;
      ld.global.v4.u32 {%r2, %r3, %r4, %r5}, [%rd11];
      st.shared.v4.u32 [%r12], {%r2, %r3, %r4, %r5};
      bar.sync 0;
      """;

  private static final String STORE_PARTS = "st.global.v4.u32 [%rd12], {%r20, %r21, %r22, %r23};";

  /** Four matrices of 8 rows of 8 halves; lane l gets two neighbours of row l / 4. */
  @Test
  void loadsMatrices() {
    for (boolean transposed : new boolean[] {false, true}) {
      byte[] halves = new byte[512];
      random.nextBytes(halves);
      Lab lab = Lab.checked();
      long out = lab.memory.allocate(512);
      String opcode =
          "ldmatrix.sync.aligned.m8n8.x4" + (transposed ? ".trans" : "") + ".shared.b16";
      String body = LOAD_ROWS + opcode + " {%r20, %r21, %r22, %r23}, [%r12];\n" + STORE_PARTS;
      Counters counters =
          lab.run(".shared .align 16 .b8 sh[512];", body, 32, lab.upload(halves), out);
      assertEquals(counters.sharedIdealWavefronts(), counters.sharedWavefronts());
      int[] results = lab.ints(out, 128);
      for (int i = 0; i < 128; i++) {
        int lane = i / 4;
        int matrix = i % 4;
        int row = lane / 4;
        int column = 2 * (lane % 4);
        int low =
            transposed ? half(halves, matrix, column, row) : half(halves, matrix, row, column);
        int high =
            transposed
                ? half(halves, matrix, column + 1, row)
                : half(halves, matrix, row, column + 1);
        assertEquals(low | high << 16, results[i], opcode + ", word " + i + ", seed " + Lab.SEED);
      }
    }
  }

  private static int half(byte[] halves, int matrix, int row, int column) {
    int at = 128 * matrix + 16 * row + 2 * column;
    return halves[at] & 255 | (halves[at + 1] & 255) << 8;
  }

  @Test
  void countsBankConflictsOfMatrices() {
    Lab lab = Lab.checked();
    String body =
        """
        mov.u32 %r10, sh;
        and.b32 %r11, %r1, 7;
        shl.b32 %r11, %r11, 7;
        add.s32 %r12, %r10, %r11;
        ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r20}, [%r12];
        """;
    Counters counters = lab.run(".shared .align 16 .b8 sh[1024];", body, 32);
    assertEquals(8, counters.sharedWavefronts());
    assertEquals(1, counters.sharedIdealWavefronts());
  }

  @Test
  void needsAllLanes() {
    String shared = ".shared .align 16 .b8 sh[512];";
    String load = "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r20}, [sh];\n";
    Lab lab = Lab.checked();
    lab.run(shared, load, 32);
    Lab.assertFails("must take part", () -> lab.run(shared, load, 31));
    String some = "setp.lt.u32 %p1, %r1, 16;\n@%p1 bra L;\n";
    Lab.assertFails("must take part has ended", () -> lab.run(shared, some + load + "L:", 32));
    lab.run(shared, some + "L:\n" + load, 32);
  }

  /** Rows of A that nobody wrote spoil their rows of the result only. */
  @Test
  void keepsRowsApartThatAreNotDefined() {
    Lab lab = Lab.checked();
    byte[] b = new byte[8 * 32];
    long zeros = lab.upload(new int[128]);
    long out = lab.upload(new int[128]);
    String loads =
        LANES
            + "setp.ne.u32 %p1, %r30, 3;\n"
            + load(10, "%rd1", "%r30", 32, "%r32").replace("ld.", "@%p1 ld.")
            + load(11, "%rd1", "%r31", 32, "%r32")
            + load(12, "%rd1", "%r30", 32, "%r33")
            + load(13, "%rd1", "%r31", 32, "%r33")
            + load(14, "%rd2", "%r30", 32, "%r32")
            + load(15, "%rd2", "%r30", 32, "%r33")
            + "mov.b32 %r20, 0;\nmov.b32 %r21, 0;\nmov.b32 %r22, 0;\nmov.b32 %r23, 0;\n"
            + "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%r20, %r21, %r22, %r23},"
            + " {%r10, %r11, %r12, %r13}, {%r14, %r15}, {%r20, %r21, %r22, %r23};\n";
    String guarded =
        results("u32").replace("st.global.v2.u32 [%rd41],", "@%p1 st.global.v2.u32 [%rd41],");
    lab.run("", loads + guarded, 32, zeros, lab.upload(b), out);
    Lab.assertFails(
        "never written", () -> lab.run("", loads + results("u32"), 32, zeros, lab.upload(b), out));
  }
}
