package org.slmruntime.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * The part of a blob that has come, in a file that a later download goes on with. Used by one
 * thread.
 */
final class PartialBlob implements AutoCloseable {
  /** How much is written until the disk is asked again what it has left. */
  private static final long DISK_CHECK = 64 << 20;

  private static final int CHUNK = 1 << 20;

  private final Path path;
  private final RepoFile file;
  private final FileChannel channel;
  private long size;
  private long nextDiskCheck;

  private PartialBlob(Path path, RepoFile file, FileChannel channel, long size) {
    this.path = path;
    this.file = file;
    this.channel = channel;
    this.size = size;
  }

  /** Opens what an earlier download left, or begins; more than the whole is thrown away. */
  static PartialBlob open(Path path, RepoFile file) throws IOException {
    Files.createDirectories(path.getParent());
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    PartialBlob blob = new PartialBlob(path, file, channel, channel.size());
    if (blob.size > file.size()) {
      blob.restart();
    }
    return blob;
  }

  /** Bytes that are here. */
  long size() {
    return size;
  }

  boolean isWhole() {
    return size == file.size();
  }

  /** Throws away what is here. */
  void restart() {
    try {
      channel.truncate(0);
      size = 0;
      nextDiskCheck = 0;
    } catch (IOException e) {
      throw Disk.failure(path, "cannot be emptied", e);
    }
  }

  /**
   * Appends bytes.
   *
   * @throws HubException if the disk is full or cannot be written to
   */
  void append(ByteBuffer bytes) {
    if (size >= nextDiskCheck) {
      Disk.require(path.getParent(), file.size() - size, file.shown());
      nextDiskCheck = size + DISK_CHECK;
    }
    try {
      while (bytes.hasRemaining()) {
        size += channel.write(bytes, size);
      }
    } catch (IOException e) {
      throw Disk.failure(path, file.shown() + " cannot be written", e);
    }
  }

  /** Reads everything back and tells its checksum. */
  String checksum(PullListener listener) {
    MessageDigest digest = file.id().digest(file.size());
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    try {
      for (long at = 0; at < size; ) {
        int count = channel.read(chunk.clear(), at);
        if (count < 0) {
          throw new IOException("it was cut to " + at + " bytes");
        }
        digest.update(chunk.flip());
        at += count;
        listener.onProgress("checking " + file.path(), at, size);
      }
    } catch (IOException e) {
      throw Disk.failure(path, file.shown() + " cannot be read back", e);
    }
    return BlobId.hex(digest);
  }

  /** Gives the whole blob its name, once its bytes are on the disk. */
  void finish(Path blob) throws IOException {
    channel.force(true);
    Files.move(path, blob, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Deletes what is here, as it is of no use to anyone. */
  void discard() throws IOException {
    Files.deleteIfExists(path);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
