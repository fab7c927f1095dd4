package org.slmruntime.train.loop;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slmruntime.train.TrainException;

/**
 * Keeps a second training out of a folder while it is open. Its file {@code .lock} stays, as
 * deleting it would let two in.
 */
public final class FolderLock implements AutoCloseable {
  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * @param folder is made if it is not there
   * @throws TrainException if a training goes on there, or nothing can be written
   */
  static FolderLock take(Path folder) {
    try {
      Files.createDirectories(folder);
      FileChannel channel =
          FileChannel.open(
              folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!lock(channel)) {
        channel.close();
        throw new TrainException(folder + ": another training goes on there");
      }
      return new FolderLock(channel);
    } catch (IOException e) {
      throw new TrainException(folder + ": cannot be written: " + e, e);
    }
  }

  /** Null says that another process has it, an exception that this one does. */
  private static boolean lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException _) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException _) {
      // The lock goes with the process at the latest.
    }
  }
}
