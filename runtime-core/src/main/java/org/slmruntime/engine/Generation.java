package org.slmruntime.engine;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slmruntime.sampling.Sampler;
import org.slmruntime.sampling.Sampling;
import org.slmruntime.sampling.TokenChoice;

/**
 * A request in progress: pieces of text as they come. Iterate it or subscribe to it, once; {@link
 * #close} cancels it at the next step. A slow reader keeps its own text waiting and nobody else's.
 * Thread-safe.
 */
public final class Generation implements Iterable<String>, Flow.Publisher<String>, AutoCloseable {
  /** Pieces of text, then one empty value. */
  private final BlockingQueue<Optional<String>> pieces = new LinkedBlockingQueue<>();

  private final CompletableFuture<GenerationResult> result = new CompletableFuture<>();
  private final AtomicBoolean consumed = new AtomicBoolean();
  private volatile boolean cancelled;

  // What follows belongs to the step thread.
  final int[] prompt;
  final Sampling sampling;
  final Sampler sampler;
  private final TextStream stream;
  private final StringBuilder text = new StringBuilder();
  private final List<TokenChoice> choices = new ArrayList<>();
  private long started;
  private long firstToken;
  private long lastToken;

  Generation(int[] prompt, Sampling sampling, TextStream stream) {
    this.prompt = prompt;
    this.sampling = sampling;
    this.sampler = new Sampler(sampling);
    this.stream = stream;
  }

  /** The pieces of text in order; {@code next} waits for them. */
  @Override
  public Iterator<String> iterator() {
    claim();
    return new Iterator<>() {
      private Optional<String> next;

      @Override
      public boolean hasNext() {
        if (next == null) {
          next = take();
        }
        return next.isPresent();
      }

      @Override
      public String next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        String piece = next.orElseThrow();
        next = null;
        return piece;
      }
    };
  }

  private void claim() {
    if (!consumed.compareAndSet(false, true)) {
      throw new EngineException("a generation can be read once only");
    }
  }

  /** The next piece, or at the end, however often it is asked for, an empty value. */
  Optional<String> take() {
    try {
      Optional<String> piece = pieces.take();
      if (piece.isEmpty()) {
        pieces.add(piece);
        if (result.isCompletedExceptionally()) {
          result();
        }
      }
      return piece;
    } catch (InterruptedException _) {
      close();
      Thread.currentThread().interrupt();
      throw new EngineException("interrupted while waiting for text; the generation is cancelled");
    }
  }

  /**
   * Publishes the pieces to one subscriber, no faster than it asks for them. A second subscriber,
   * or one that comes after an iterator, is told so by {@code onError}.
   */
  @Override
  public void subscribe(Flow.Subscriber<? super String> subscriber) {
    Objects.requireNonNull(subscriber, "subscriber");
    try {
      claim();
    } catch (EngineException e) {
      Publication.refuse(subscriber, e);
      return;
    }
    new Publication(this, subscriber).start();
  }

  /**
   * Waits for the end.
   *
   * @throws org.slmruntime.SlmException if the request failed
   */
  public GenerationResult result() {
    try {
      return result.join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause();
      String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
      throw new EngineException(message, cause);
    }
  }

  /** Cancels it if it has not ended; returns at once. */
  @Override
  public void close() {
    cancelled = true;
  }

  boolean isCancelled() {
    return cancelled;
  }

  void start() {
    started = System.nanoTime();
  }

  /** Shows what a token releases. Returns whether a stop string was met. */
  boolean accept(TokenChoice choice, boolean hidden) {
    lastToken = System.nanoTime();
    if (choices.isEmpty()) {
      firstToken = lastToken;
    }
    choices.add(choice);
    if (!hidden) {
      show(stream.accept(choice.token()));
    }
    return stream.stopped();
  }

  int generated() {
    return choices.size();
  }

  /** Ends it; a failure to do so is its own failure and no one else's. */
  void complete(FinishReason reason) {
    try {
      show(stream.finish());
      result.complete(result(reason));
      pieces.add(Optional.empty());
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private GenerationResult result(FinishReason reason) {
    long prefill = choices.isEmpty() ? 0 : firstToken - started;
    return new GenerationResult(
        text.toString(),
        choices,
        reason,
        prompt.length,
        prefill,
        lastToken - firstToken,
        sampler.seed());
  }

  void fail(Throwable cause) {
    result.completeExceptionally(cause);
    pieces.add(Optional.empty());
  }

  private void show(String piece) {
    if (!piece.isEmpty()) {
      text.append(piece);
      pieces.add(Optional.of(piece));
    }
  }
}
