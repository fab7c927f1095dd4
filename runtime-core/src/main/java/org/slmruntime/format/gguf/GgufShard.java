package org.slmruntime.format.gguf;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slmruntime.format.FormatException;
import org.slmruntime.format.Metadata;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.tensor.DType;

/**
 * One file, completely checked: header, metadata, tensor descriptions, and that every tensor's
 * bytes lie in the file without overlap.
 *
 * @param dataOffset where tensor data begins
 * @param offsets of the tensors, from the start of the file, in the order of {@code tensors}
 */
record GgufShard(
    String source,
    int version,
    long fileBytes,
    long alignment,
    long dataOffset,
    Metadata metadata,
    List<StoredTensor> tensors,
    List<Long> offsets) {
  static final String ALIGNMENT_KEY = "general.alignment";
  private static final int MAGIC = 0x46554747;
  private static final int DEFAULT_ALIGNMENT = 32;
  static final long MAX_ALIGNMENT = 1 << 20;
  private static final int MAX_TENSORS = 1 << 20;
  static final int MAX_DIMENSIONS = 4;
  static final int MAX_NAME_BYTES = 63;
  private static final int MIN_TENSOR_BYTES = 8 + 1 + 4 + 4 + 8;

  private record Description(String name, List<Long> dims, DType type, long offset, long bytes) {}

  static GgufShard read(String source, MemorySegment file) {
    GgufCursor in = new GgufCursor(source, file);
    int version = version(in);
    long tensorCount = in.count("the tensor count");
    long entryCount = in.count("the metadata count");
    Metadata metadata = new Metadata(source, new GgufMetadataReader(in).read(entryCount));
    long alignment = alignment(metadata);
    List<Description> descriptions = descriptions(in, tensorCount, alignment);
    long dataOffset = roundUp(in.position(), alignment);
    if (descriptions.isEmpty()) {
      dataOffset = Math.min(dataOffset, file.byteSize());
    }
    if (dataOffset > file.byteSize()) {
      throw in.error("the file ends before its tensor data at offset " + dataOffset);
    }
    checkPlaces(source, descriptions, file.byteSize() - dataOffset);
    List<StoredTensor> tensors = new ArrayList<>();
    List<Long> offsets = new ArrayList<>();
    for (Description d : descriptions) {
      long start = dataOffset + d.offset;
      tensors.add(new StoredTensor(d.name, d.type, d.dims, file.asSlice(start, d.bytes)));
      offsets.add(start);
    }
    return new GgufShard(
        source,
        version,
        file.byteSize(),
        alignment,
        dataOffset,
        metadata,
        List.copyOf(tensors),
        List.copyOf(offsets));
  }

  private static int version(GgufCursor in) {
    if (in.remaining() < 24) {
      throw in.error("too short for a GGUF file: " + in.remaining() + " bytes");
    }
    int magic = in.i32("the magic number");
    if (magic != MAGIC) {
      throw in.error(0, String.format("not a GGUF file: it begins with 0x%08x", magic));
    }
    int version = in.i32("the version");
    if ((version & 0xffff) == 0 && version != 0) {
      throw in.error(4, "big-endian GGUF files are not supported");
    }
    if (version != 2 && version != 3) {
      throw in.error(
          4,
          "GGUF version " + Integer.toUnsignedString(version) + " is not supported; 2 and 3 are");
    }
    return version;
  }

  private static long alignment(Metadata metadata) {
    String key = ALIGNMENT_KEY;
    long alignment = metadata.integer(key).orElse((long) DEFAULT_ALIGNMENT);
    if (alignment < 8 || alignment > MAX_ALIGNMENT || Long.bitCount(alignment) != 1) {
      throw metadata.wrong(
          key, "must be a power of two in 8.." + MAX_ALIGNMENT + " but is " + alignment);
    }
    return alignment;
  }

  private static List<Description> descriptions(GgufCursor in, long count, long alignment) {
    if (count > MAX_TENSORS || count > in.remaining() / MIN_TENSOR_BYTES) {
      throw in.error(count + " tensors cannot be described in " + in.remaining() + " bytes");
    }
    List<Description> tensors = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (long i = 0; i < count; i++) {
      long at = in.position();
      Description tensor = description(in, i, alignment);
      if (!names.add(tensor.name)) {
        throw in.error(at, "tensor " + GgufCursor.shown(tensor.name) + " occurs twice");
      }
      tensors.add(tensor);
    }
    return tensors;
  }

  private static Description description(GgufCursor in, long index, long alignment) {
    long at = in.position();
    String name = in.string("the name of tensor " + index, MAX_NAME_BYTES);
    if (name.isEmpty() || name.indexOf('\0') >= 0) {
      throw in.error(at, "tensor " + index + " has an empty name or one with NUL");
    }
    String shown = GgufCursor.shown(name);
    long rank = in.u32("the rank of " + shown);
    if (rank > MAX_DIMENSIONS) {
      throw in.error("tensor " + shown + " has " + rank + " dimensions; at most 4 are allowed");
    }
    List<Long> dims = new ArrayList<>();
    long elements = 1;
    for (int d = 0; d < rank; d++) {
      long size = in.count("a dimension of " + shown);
      if (size == 0 || size > Long.MAX_VALUE / elements) {
        throw in.error("tensor " + shown + " has impossible dimensions " + dims + ", " + size);
      }
      elements *= size;
      dims.add(size);
    }
    DType type = type(in, shown);
    if ((dims.isEmpty() ? 1 : dims.getFirst()) % type.blockElements() != 0) {
      throw in.error(
          "tensor "
              + shown
              + " has rows of "
              + (dims.isEmpty() ? 1 : dims.getFirst())
              + " elements, no multiple of "
              + type
              + "'s block of "
              + type.blockElements());
    }
    long offset = in.count("the offset of " + shown);
    if (offset % alignment != 0) {
      throw in.error("tensor " + shown + " has offset " + offset + ", not aligned to " + alignment);
    }
    long blocks = elements / type.blockElements();
    if (blocks > Long.MAX_VALUE / type.blockBytes()) {
      throw in.error("tensor " + shown + " of " + elements + " elements is too large");
    }
    return new Description(name, dims, type, offset, blocks * type.blockBytes());
  }

  private static DType type(GgufCursor in, String name) {
    int id = in.i32("the type of " + name);
    DType type = DType.ofGgmlId(id);
    if (type != null) {
      return type;
    }
    String known =
        switch (id) {
          case 4, 5 -> " (Q4_2 or Q4_3, withdrawn)";
          case 31, 32, 33 -> " (Q4_0 interleaved for one machine; requantize to Q4_0)";
          case 36 -> " (I2_S of BitNet, or IQ4_NL interleaved)";
          case 37, 38 -> " (IQ4_NL interleaved for one machine; requantize to IQ4_NL)";
          default -> "";
        };
    throw in.error(
        in.position() - 4,
        "tensor " + name + " has unsupported type " + Integer.toUnsignedString(id) + known);
  }

  /** Every tensor within the data section, none over another. */
  private static void checkPlaces(String source, List<Description> tensors, long dataBytes) {
    TreeMap<Long, Description> byOffset = new TreeMap<>();
    for (Description tensor : tensors) {
      if (tensor.offset > dataBytes || tensor.bytes > dataBytes - tensor.offset) {
        throw new FormatException(
            source
                + ": tensor "
                + GgufCursor.shown(tensor.name)
                + " needs "
                + tensor.bytes
                + " bytes at data offset "
                + tensor.offset
                + " but the file has "
                + dataBytes
                + " bytes of data: truncated?");
      }
      Map.Entry<Long, Description> before = byOffset.floorEntry(tensor.offset);
      Map.Entry<Long, Description> after = byOffset.ceilingEntry(tensor.offset);
      if (before != null && before.getKey() + before.getValue().bytes > tensor.offset) {
        throw overlap(source, tensor, before.getValue());
      }
      if (after != null && tensor.offset + tensor.bytes > after.getKey()) {
        throw overlap(source, tensor, after.getValue());
      }
      byOffset.put(tensor.offset, tensor);
    }
  }

  private static FormatException overlap(String source, Description a, Description b) {
    return new FormatException(
        source
            + ": tensors "
            + GgufCursor.shown(a.name)
            + " and "
            + GgufCursor.shown(b.name)
            + " overlap at data offset "
            + Math.max(a.offset, b.offset));
  }

  private static long roundUp(long position, long alignment) {
    return (position + alignment - 1) / alignment * alignment;
  }
}
