package org.slmruntime.cuda.testing;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slmruntime.ptx.PtxModule;

/** Parses each module's text once per test run. */
final class ParsedModules {
  private static final Map<String, PtxModule> BY_TEXT = new ConcurrentHashMap<>();

  private ParsedModules() {}

  static PtxModule get(String name, String text) {
    return BY_TEXT.computeIfAbsent(text, t -> PtxModule.parse(name, t));
  }
}
