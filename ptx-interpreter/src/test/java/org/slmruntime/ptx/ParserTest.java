package org.slmruntime.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class ParserTest {
  @Test
  void describesEntries() {
    PtxModule module =
        PtxModule.parse(
            "m",
            """
            //
            .version 7.0
            .target sm_80
            .address_size 64
            .shared .align 8 .b8 first[12];
            .extern .shared .align 16 .b8 dynamic[];
            /* a comment
               of two lines */
            .visible .entry one(
              .param .u32 n,
              .param .align 8 .b8 matrix[48],
              .param .u64 .ptr .global .align 16 p,
              .param .f32 x
            )
            .maxntid 256, 1, 1
            .minnctapersm 2
            {
              .shared .align 16 .b8 own[20];
              .pragma "nounroll";
              ret;
            }
            .entry two() { exit; }
            """);
    assertEquals(List.of("one", "two"), module.entries());
    PtxEntry one = module.entry("one");
    assertEquals(
        List.of(
            new PtxParameter("n", "u32", 4, 4, 0),
            new PtxParameter("matrix", "b8", 48, 8, 8),
            new PtxParameter("p", "u64", 8, 8, 56),
            new PtxParameter("x", "f32", 4, 4, 64)),
        one.parameters());
    assertEquals(68, one.parameterBytes());
    assertEquals(36, one.staticSharedBytes());
    assertEquals("two", module.entry("two").name());
    assertThrows(PtxException.class, () -> module.entry("three"));
  }

  private static Runnable parse(String body) {
    return () -> Lab.module("", 0, body);
  }

  @Test
  void namesTheLineOfWhatItDoesNotKnow() {
    Lab.assertFails("test, line 14: 'frob.u32 %r1, %r2'", parse("\nfrob.u32 %r1, %r2;"));
    Lab.assertFails("modifier .fast is unknown", parse("add.fast.u32 %r1, %r2, %r3;"));
    Lab.assertFails("line 13", parse("ld.global.frob.u32 %r1, [%rd1];"));
    Lab.assertFails("label NOWHERE is missing", parse("bra NOWHERE;"));
    Lab.assertFails("register %x1", parse("add.u32 %x1, %r2, %r3;"));
    Lab.assertFails("2 operands", parse("add.u32 %r1, %r2;"));
    Lab.assertFails("has no body", parse("call.uni nothing;"));
    Lab.assertFails("the text ends too early", () -> PtxModule.parse("m", ".entry k() { ret;"));
  }

  @Test
  void refusesLaunchesThatNoGpuTakes() {
    Lab lab = Lab.checked();
    PtxModule module = Lab.module(".shared .align 4 .b8 sh[4096];", 0, "");
    lab.run(module, Dim3.of(2), new Dim3(32, 4, 2));
    Lab.assertFails("a block cannot be", () -> lab.run(module, Dim3.of(1), Dim3.of(1025)));
    Lab.assertFails("a grid cannot be", () -> lab.run(module, Dim3.of(0), Dim3.of(32)));
    Lab.assertFails("a grid cannot be", () -> lab.run(module, new Dim3(1, 65536, 1), Dim3.of(32)));
    PtxModule limited = PtxModule.parse("m", ".entry k() .maxntid 64, 1, 1 { ret; }");
    lab.run(limited, Dim3.of(1), Dim3.of(64));
    Lab.assertFails("compiled for 64", () -> lab.run(limited, Dim3.of(1), Dim3.of(96)));
  }

  @Test
  void tellsThreadsWhereTheyAre() {
    Lab lab = Lab.checked();
    long out = lab.memory.allocate(4L * 2 * 3 * 96);
    String body =
        """
        mov.u32 %r2, %tid.y;
        mov.u32 %r3, %tid.z;
        mov.u32 %r4, %ntid.x;
        mov.u32 %r5, %ntid.y;
        mad.lo.u32 %r6, %r3, %r5, %r2;
        mad.lo.u32 %r6, %r6, %r4, %r1;
        mov.u32 %r7, %ctaid.y;
        mov.u32 %r8, %nctaid.x;
        mov.u32 %r9, %ctaid.x;
        mad.lo.u32 %r10, %r7, %r8, %r9;
        mad.lo.u32 %r11, %r10, 96, %r6;
        mul.wide.u32 %rd2, %r11, 4;
        add.s64 %rd3, %rd1, %rd2;
        mov.u32 %r12, %laneid;
        mov.u32 %r13, %lanemask_lt;
        popc.b32 %r14, %r13;
        sub.u32 %r12, %r12, %r14;
        add.u32 %r12, %r12, %r11;
        st.global.u32 [%rd3], %r12;
        """;
    lab.run(Lab.module("", 1, body), new Dim3(2, 3, 1), new Dim3(8, 4, 3), out);
    int[] results = lab.ints(out, 2 * 3 * 96);
    for (int i = 0; i < results.length; i++) {
      assertEquals(i, results[i], "thread " + i);
    }
  }
}
