package org.slmruntime.model;

import java.util.Optional;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.format.ModelFile;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.graph.Weight;

/** Weights as slices of a file's mapped tensors. */
final class FileWeights implements Weights {
  private final ModelFile file;

  FileWeights(ModelFile file) {
    this.file = file;
  }

  @Override
  public Stored get(Weight weight) {
    StoredTensor tensor =
        file.tensor(weight.name())
            .orElseThrow(() -> new ModelException(file.source() + ": no tensor " + weight.name()));
    long offset = tensor.type().byteSize(weight.offset());
    long size = tensor.type().byteSize(weight.elements());
    return new Stored(tensor.type(), tensor.data().asSlice(offset, size));
  }

  @Override
  public Optional<String> identity() {
    return file.identity();
  }
}
