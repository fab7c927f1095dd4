package org.slmruntime.gpuparity;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;

/**
 * The dynamic symbols of a 64-bit little-endian shared library: those it has and those it wants of
 * others.
 */
record ElfSymbols(Set<String> defined, Set<String> wanted) {
  private static final int DYNSYM = 11;
  private static final int SYMBOL_BYTES = 24;

  /**
   * @throws IllegalArgumentException if it is no such library
   */
  static ElfSymbols read(ByteBuffer file) {
    ByteBuffer elf = file.order(ByteOrder.LITTLE_ENDIAN);
    if (elf.remaining() < 64 || elf.getInt(0) != 0x464C457F || elf.get(4) != 2) {
      throw new IllegalArgumentException("this is no 64-bit ELF library");
    }
    int sections = Math.toIntExact(elf.getLong(40));
    int entry = elf.getShort(58);
    for (int i = 0; i < elf.getShort(60); i++) {
      int header = sections + i * entry;
      if (elf.getInt(header + 4) == DYNSYM) {
        int names = sections + elf.getInt(header + 40) * entry;
        return symbols(
            elf,
            Math.toIntExact(elf.getLong(header + 24)),
            Math.toIntExact(elf.getLong(header + 32)),
            Math.toIntExact(elf.getLong(names + 24)));
      }
    }
    throw new IllegalArgumentException("this library has no dynamic symbols");
  }

  private static ElfSymbols symbols(ByteBuffer elf, int table, int bytes, int names) {
    Set<String> defined = new TreeSet<>();
    Set<String> wanted = new TreeSet<>();
    for (int at = table + SYMBOL_BYTES; at < table + bytes; at += SYMBOL_BYTES) {
      boolean has = elf.getShort(at + 6) != 0;
      (has ? defined : wanted).add(name(elf, names + elf.getInt(at)));
    }
    return new ElfSymbols(defined, wanted);
  }

  private static String name(ByteBuffer elf, int from) {
    int end = from;
    while (elf.get(end) != 0) {
      end++;
    }
    byte[] bytes = new byte[end - from];
    elf.get(from, bytes);
    return new String(bytes, StandardCharsets.US_ASCII);
  }
}
