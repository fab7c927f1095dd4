package org.slmruntime.hub;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A response's body, piece by piece as it is asked for. Unlike an input stream it does not wait for
 * ever on a server that has gone silent. Read by one thread.
 */
final class HttpBody implements BodySubscriber<HttpBody>, AutoCloseable {
  private sealed interface Event {
    record Piece(List<ByteBuffer> buffers) implements Event {}

    record End() implements Event {}

    record Failure(Throwable cause) implements Event {}
  }

  private final Duration silence;

  /** Holds two events at most: one piece is asked for at a time, and an end may follow. */
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

  private final CompletableFuture<HttpBody> ready = new CompletableFuture<>();
  private volatile Flow.Subscription subscription;

  HttpBody(Duration silence) {
    this.silence = silence;
  }

  @Override
  public CompletionStage<HttpBody> getBody() {
    return ready;
  }

  @Override
  public void onSubscribe(Flow.Subscription s) {
    subscription = s;
    s.request(1);
    ready.complete(this);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    events.add(new Event.Piece(buffers));
  }

  @Override
  public void onError(Throwable cause) {
    events.add(new Event.Failure(cause));
    ready.complete(this);
  }

  @Override
  public void onComplete() {
    events.add(new Event.End());
  }

  /**
   * Waits for the next piece; empty at the end.
   *
   * @throws IOException if the connection broke or nothing came for too long
   */
  Optional<List<ByteBuffer>> next() throws IOException {
    return switch (take()) {
      case null -> throw new IOException("nothing came for " + silence.toMillis() + " ms");
      case Event.Piece(List<ByteBuffer> buffers) -> {
        subscription.request(1);
        yield Optional.of(buffers);
      }
      case Event.End() -> Optional.empty();
      case Event.Failure(Throwable cause) -> throw broken(cause);
    };
  }

  private Event take() {
    try {
      return events.poll(silence.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw HubException.interrupted(e);
    }
  }

  private static IOException broken(Throwable cause) {
    String why = cause.getMessage();
    return new IOException("the connection broke" + (why == null ? "" : " (" + why + ")"), cause);
  }

  /**
   * All of a short body.
   *
   * @param what it is, for messages
   * @param longest it may take
   * @throws HubException if it has more bytes than {@code limit}
   */
  byte[] readAll(String what, int limit, Duration longest) throws IOException {
    long deadline = System.nanoTime() + longest.toNanos();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (var piece = next(); piece.isPresent(); piece = next()) {
      for (ByteBuffer buffer : piece.get()) {
        if (buffer.remaining() > limit - all.size()) {
          throw new HubException(what + ": the answer has more than " + limit + " bytes");
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        all.writeBytes(bytes);
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("the answer took longer than " + longest.toSeconds() + " seconds");
      }
    }
    return all.toByteArray();
  }

  /** Gives up what has not come yet. */
  @Override
  public void close() {
    Flow.Subscription s = subscription;
    if (s != null) {
      s.cancel();
    }
  }
}
