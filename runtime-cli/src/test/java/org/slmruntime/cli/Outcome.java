package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * What a run of the command left behind.
 *
 * @param code exit code
 */
record Outcome(int code, String out, String err) {
  /** Runs {@code slm} with nothing on standard input. */
  static Outcome of(Object... args) {
    return withInput(new byte[0], args);
  }

  static Outcome withInput(byte[] input, Object... args) {
    return of(new Slm(new ByteArrayInputStream(input)), args);
  }

  /** The same where the environment is this and nothing else. */
  static Outcome withEnvironment(Map<String, String> environment, Object... args) {
    return of(new Slm(InputStream.nullInputStream(), environment), args);
  }

  /** The same with something on standard input. */
  static Outcome withEnvironmentAndInput(
      Map<String, String> environment, String input, Object... args) {
    byte[] bytes = input.getBytes(StandardCharsets.UTF_8);
    return of(new Slm(new ByteArrayInputStream(bytes), environment), args);
  }

  private static Outcome of(Slm slm, Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    PrintWriter outWriter = new PrintWriter(out);
    PrintWriter errWriter = new PrintWriter(err);
    String[] words = Arrays.stream(args).map(Object::toString).toArray(String[]::new);
    int code = slm.execute(outWriter, errWriter, words);
    outWriter.flush();
    errWriter.flush();
    return new Outcome(code, out.toString(), err.toString());
  }

  static Outcome withInput(String input, Object... args) {
    return withInput(input.getBytes(StandardCharsets.UTF_8), args);
  }

  /** Expects success. */
  Outcome succeeded() {
    assertEquals(0, code, this::toString);
    assertFalse(err.contains("\tat "), this::toString);
    return this;
  }

  /** Expects failure with one line on standard error that has these parts, and no output. */
  void failedWith(int expectedCode, String... parts) {
    assertEquals(expectedCode, code, this::toString);
    assertEquals("", out, this::toString);
    assertTrue(err.startsWith("slm: ") && err.endsWith("\n"), this::toString);
    assertEquals(1, err.lines().count(), this::toString);
    assertFalse(err.contains("Exception") || err.contains("unexpected failure"), this::toString);
    for (String part : parts) {
      assertTrue(err.contains(part), () -> "no \"" + part + "\" in " + this);
    }
  }
}
