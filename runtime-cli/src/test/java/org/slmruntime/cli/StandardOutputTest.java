package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Results that cannot be written are a failure, unless it is the reader who left. */
class StandardOutputTest {
  private final StringWriter err = new StringWriter();

  @Test
  void isUtf8() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StandardOutput out = new StandardOutput(bytes);
    PrintWriter writer = out.writer();
    writer.print("grün 🌱");
    writer.flush();
    assertEquals("grün 🌱", bytes.toString(StandardCharsets.UTF_8));
    assertEquals(true, out.failure().isEmpty());
  }

  @Test
  void failsWhenTheDiskIsFull() {
    assertEquals(1, execute("No space left on device", "devices"));
    assertEquals("slm: standard output: No space left on device\n", err.toString());
  }

  @Test
  void endsQuietlyWhenTheReaderHasSeenEnough() {
    assertEquals(0, execute("Broken pipe", "devices"));
    assertEquals("", err.toString());
  }

  @Test
  void stopsGeneratingWhenNobodyReads(@TempDir Path folder) {
    String model = TinyModel.write(folder).toString();
    String[] endless = {
      "run", model, "-p", "hello", "--ctx", "50000", "--ignore-eos", "-q", "--backend", "reference"
    };
    assertEquals(0, execute("Broken pipe", endless));
    assertEquals(1, execute("No space left on device", endless));
    assertEquals("slm: standard output: No space left on device\n", err.toString());
  }

  @Test
  void keepsTheExitCodeOfAFailure() {
    assertEquals(2, execute("No space left on device", "nosuch"));
  }

  private int execute(String problem, String... args) {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException(problem);
          }
        };
    PrintWriter errors = new PrintWriter(err);
    int code = Slm.execute(InputStream.nullInputStream(), new StandardOutput(broken), errors, args);
    errors.flush();
    return code;
  }
}
