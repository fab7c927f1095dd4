package org.slmruntime.format;

import java.util.Collection;
import java.util.Optional;

/**
 * An open, completely checked model: metadata and named tensors. Threads may share it; after {@link
 * #close()} no tensor may be read (the segments throw).
 */
public interface ModelFile extends AutoCloseable {
  /** The path as the user gave it, for messages. */
  String source();

  Metadata metadata();

  /** All tensors in file order. */
  Collection<StoredTensor> tensors();

  Optional<StoredTensor> tensor(String name);

  /**
   * Says which files these are: paths, sizes, times of modification, and what the file system calls
   * them.
   *
   * @return empty if they are not the ones that were opened any more, or that cannot be told
   */
  Optional<String> identity();

  /**
   * Looks whether the mapped files still have the bytes they had. Reading past the end of a file
   * that was cut while it was mapped can end the process, so this is asked before every step.
   *
   * @throws FormatException if one has become shorter
   */
  void requireWhole();

  @Override
  void close();
}
