package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class KernelCatalogTest {
  @Test
  void expandsBracesAndPassesTheModulesChoiceOn() {
    KernelCatalog catalog =
        KernelCatalog.parse("kernel gemv_{a,b}_x gemv_*_{1,2} 80\n  int n\n  pointer p?\n");
    assertEquals(
        List.of("gemv_a_1", "gemv_a_2", "gemv_b_1", "gemv_b_2"),
        catalog.all().stream().map(KernelSignature::entry).toList());
    KernelSignature signature = catalog.get("gemv_b_2");
    assertEquals("gemv_b_x", signature.module());
    assertEquals(8, signature.offset("p", KernelSignature.Type.POINTER));
    assertEquals(16, signature.bytes());
  }

  @Test
  void namesWhatItDoesNotHave() {
    KernelCatalog catalog = KernelCatalog.load();
    assertThrows(IllegalArgumentException.class, () -> catalog.get("nothing"));
    KernelSignature argmax = catalog.get("argmax");
    assertThrows(
        IllegalArgumentException.class, () -> argmax.offset("logits", KernelSignature.Type.INT));
  }
}
