package org.slmruntime.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * Keeps others of our processes and threads from downloading the same blob. Python's tools lock the
 * same file in another way, which Java cannot see; beside them the checksum is what keeps damage
 * out.
 */
final class BlobLock implements AutoCloseable {
  private static final Duration LOOKING = Duration.ofMillis(100);

  /** Whoever holds the lock for so long without writing hangs, or checks a very large file. */
  private static final Duration IDLE = Duration.ofMinutes(10);

  private final FileChannel channel;

  private BlobLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Waits until nobody else has the lock.
   *
   * @param lock the lock's file, made if it is not there; it stays, as deleting it would let two in
   * @param growing what the holder writes to
   * @param what it is, for messages
   * @throws HubException if the holder has not written for long
   */
  static BlobLock acquire(Path lock, Path growing, String what, PullListener listener)
      throws IOException {
    Files.createDirectories(lock.getParent());
    FileChannel channel =
        FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (!tryLock(channel)) {
        listener.onNotice(what + " is being downloaded already; waiting for that");
        waitFor(channel, growing, what);
      }
      return new BlobLock(channel);
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  private static void waitFor(FileChannel channel, Path growing, String what) throws IOException {
    long size = size(growing);
    long since = System.nanoTime();
    while (!tryLock(channel)) {
      long now = size(growing);
      if (now != size) {
        size = now;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > IDLE.toNanos()) {
        throw new HubException(
            what
                + ": another process holds it and has written nothing for "
                + IDLE.toMinutes()
                + " minutes");
      }
      sleep();
    }
  }

  private static long size(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException _) {
      return -1;
    }
  }

  /**
   * The JVM refuses a second lock of its own with an exception, other processes' locks with null.
   */
  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException _) {
      return false;
    }
  }

  private static void sleep() {
    try {
      Thread.sleep(LOOKING);
    } catch (InterruptedException e) {
      throw HubException.interrupted(e);
    }
  }

  /** Closing the file releases the lock. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
