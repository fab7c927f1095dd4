package org.slmruntime.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slmruntime.format.FormatException;

/** Reads whole texts in UTF-8, whatever the locale says; other bytes are refused. */
final class TextInput {
  private TextInput() {}

  static String file(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new FormatException(file + ": is a folder, not a text file");
    }
    return decode(file.toString(), Files.readAllBytes(file));
  }

  static String stream(InputStream in) throws IOException {
    try {
      return decode("standard input", in.readAllBytes());
    } catch (IOException e) {
      throw new IOException("standard input: " + e.getMessage(), e);
    }
  }

  /** The text of bytes; {@code source} is where they come from. */
  static String decode(String source, byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
    } catch (CharacterCodingException e) {
      throw new FormatException(source + ": is not UTF-8 text at byte " + buffer.position(), e);
    }
  }
}
