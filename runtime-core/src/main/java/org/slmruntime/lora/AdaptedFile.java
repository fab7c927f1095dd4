package org.slmruntime.lora;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slmruntime.format.Metadata;
import org.slmruntime.format.ModelFile;
import org.slmruntime.format.StoredTensor;

/** A model's file and those of its adapters as one, with the adapters' tensors among its own. */
final class AdaptedFile implements ModelFile {
  private final ModelFile base;
  private final List<Adapter> adapters;
  private final Map<String, StoredTensor> added;

  /**
   * @param adapters closed with this, as the base is
   * @param added tensors of the adapters, by names that the base does not have
   */
  AdaptedFile(ModelFile base, List<Adapter> adapters, Map<String, StoredTensor> added) {
    this.base = base;
    this.adapters = List.copyOf(adapters);
    this.added = Collections.unmodifiableMap(added);
  }

  @Override
  public String source() {
    return base.source();
  }

  @Override
  public Metadata metadata() {
    return base.metadata();
  }

  @Override
  public Collection<StoredTensor> tensors() {
    List<StoredTensor> all = new ArrayList<>(base.tensors());
    all.addAll(added.values());
    return all;
  }

  @Override
  public Optional<StoredTensor> tensor(String name) {
    return Optional.ofNullable(added.get(name)).or(() -> base.tensor(name));
  }

  @Override
  public Optional<String> identity() {
    Optional<String> identity = base.identity();
    for (Adapter adapter : adapters) {
      Optional<String> its = adapter.file().identity();
      identity = identity.flatMap(before -> its.map(after -> before + "\n" + after));
    }
    return identity;
  }

  @Override
  public void requireWhole() {
    base.requireWhole();
    adapters.forEach(adapter -> adapter.file().requireWhole());
  }

  @Override
  public void close() {
    adapters.forEach(Adapter::close);
    base.close();
  }
}
