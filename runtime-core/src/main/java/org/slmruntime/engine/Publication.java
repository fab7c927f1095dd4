package org.slmruntime.engine;

import java.util.Optional;
import java.util.concurrent.Flow;

/**
 * The pieces of one generation on their way to one subscriber, on a thread of its own. Every signal
 * but {@code onSubscribe} comes from that thread, so they never overlap, and nothing follows an
 * end.
 */
final class Publication implements Flow.Subscription, Runnable {
  private final Generation generation;
  private final Flow.Subscriber<? super String> subscriber;

  // Guarded by this.
  private long demand;
  private boolean ended;
  private Throwable violation;

  Publication(Generation generation, Flow.Subscriber<? super String> subscriber) {
    this.generation = generation;
    this.subscriber = subscriber;
  }

  /** Tells a subscriber that it came second. */
  static void refuse(Flow.Subscriber<? super String> subscriber, Throwable reason) {
    subscriber.onSubscribe(
        new Flow.Subscription() {
          @Override
          public void request(long n) {
            // There is nothing to ask for.
          }

          @Override
          public void cancel() {
            // It has ended.
          }
        });
    subscriber.onError(reason);
  }

  void start() {
    try {
      subscriber.onSubscribe(this);
    } catch (RuntimeException | Error e) {
      cancel();
      throw e;
    }
    Thread.ofVirtual().name("slm-publisher").start(this);
  }

  @Override
  public void request(long n) {
    synchronized (this) {
      if (n <= 0 && violation == null) {
        violation = new IllegalArgumentException("request of " + n);
        generation.close();
      }
      demand = n > Long.MAX_VALUE - demand ? Long.MAX_VALUE : demand + Math.max(0, n);
      notifyAll();
    }
  }

  @Override
  public void cancel() {
    synchronized (this) {
      ended = true;
      notifyAll();
    }
    generation.close();
  }

  @Override
  public void run() {
    try {
      Optional<String> piece = generation.take();
      while (piece.isPresent() && awaitDemand()) {
        subscriber.onNext(piece.get());
        piece = generation.take();
      }
      complete();
    } catch (InterruptedException | RuntimeException | Error e) {
      fail(e);
    }
  }

  /** Waits until another piece is wanted; false if none will be. */
  private synchronized boolean awaitDemand() throws InterruptedException {
    while (demand == 0 && !ended && violation == null) {
      wait();
    }
    if (ended || violation != null) {
      return false;
    }
    demand -= demand == Long.MAX_VALUE ? 0 : 1;
    return true;
  }

  private void complete() {
    Throwable error;
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      error = violation;
    }
    if (error == null) {
      subscriber.onComplete();
    } else {
      subscriber.onError(error);
    }
  }

  private void fail(Throwable cause) {
    generation.close();
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
    }
    subscriber.onError(cause);
  }
}
