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

  @Override
  void close();
}
