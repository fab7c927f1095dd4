package org.slmruntime.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.sampling.Sampling;
import org.slmruntime.testing.TinyLlama;

@Timeout(60)
class PublisherTest {
  private static final int[] PROMPT = {1, 10, 40, 7, 22};

  @TempDir Path folder;
  private LanguageModel model;

  @BeforeEach
  void open() {
    Path file = new TinyLlama(7).write(folder);
    model =
        LanguageModel.open(
            file, ModelOptions.defaults().backend("reference").notice(_ -> {}).contextLength(4000));
  }

  @AfterEach
  void close() {
    model.close();
  }

  private static class Recorder implements Flow.Subscriber<String> {
    final BlockingQueue<String> pieces = new LinkedBlockingQueue<>();
    final CountDownLatch done = new CountDownLatch(1);
    volatile Flow.Subscription subscription;
    volatile Throwable error;

    @Override
    public void onSubscribe(Flow.Subscription s) {
      subscription = s;
    }

    @Override
    public void onNext(String piece) {
      pieces.add(piece);
    }

    @Override
    public void onError(Throwable t) {
      error = t;
      done.countDown();
    }

    @Override
    public void onComplete() {
      done.countDown();
    }
  }

  private Generation generate(int tokens) {
    return model.generate(PROMPT, Sampling.greedy().ignoreEnd(true).maxTokens(tokens));
  }

  @Test
  void publishesNoMorePiecesThanAreAskedFor() throws InterruptedException {
    Generation g = generate(40);
    Recorder recorder = new Recorder();
    g.subscribe(recorder);
    String text = g.result().text();
    assertNull(recorder.pieces.poll(100, TimeUnit.MILLISECONDS));
    StringBuilder got = new StringBuilder();
    for (int i = 0; i < 5; i++) {
      recorder.subscription.request(1);
      got.append(recorder.pieces.take());
      assertNull(recorder.pieces.poll(20, TimeUnit.MILLISECONDS));
    }
    recorder.subscription.request(Long.MAX_VALUE);
    recorder.subscription.request(Long.MAX_VALUE);
    recorder.done.await();
    recorder.pieces.forEach(got::append);
    assertEquals(text, got.toString());
    assertNull(recorder.error);
  }

  @Test
  void stopsWhenTheSubscriptionIsCancelled() throws InterruptedException {
    Generation g = generate(3000);
    Recorder recorder = new Recorder();
    g.subscribe(recorder);
    recorder.subscription.request(1);
    recorder.pieces.take();
    recorder.subscription.cancel();
    assertEquals(FinishReason.CANCELLED, g.result().finish());
    // Neither does anything any more.
    recorder.subscription.request(Long.MAX_VALUE);
    recorder.subscription.request(-1);
    recorder.subscription.cancel();
    assertNull(recorder.pieces.poll(50, TimeUnit.MILLISECONDS));
    assertNull(recorder.error);
  }

  @Test
  void answersADemandOfNothingWithAnError() throws InterruptedException {
    Recorder recorder = new Recorder();
    generate(10).subscribe(recorder);
    recorder.subscription.request(0);
    recorder.done.await();
    assertInstanceOf(IllegalArgumentException.class, recorder.error);
  }

  @Test
  void tellsTheSubscriberOfAFailure() throws InterruptedException {
    Sampling impossible =
        Sampling.greedy().logitBias(java.util.Map.of(5, Float.POSITIVE_INFINITY)).maxTokens(9);
    Recorder recorder = new Recorder();
    model.generate(PROMPT, impossible).subscribe(recorder);
    recorder.subscription.request(1);
    recorder.done.await();
    assertInstanceOf(EngineException.class, recorder.error);
    assertTrue(recorder.pieces.isEmpty());
  }

  @Test
  void tellsASecondSubscriberThatItIsLate() {
    Generation g = generate(3);
    g.subscribe(new Recorder());
    Recorder second = new Recorder();
    g.subscribe(second);
    assertInstanceOf(EngineException.class, second.error);
    assertEquals(0, second.done.getCount());
    second.subscription.request(1);
    second.subscription.cancel();
    assertThrows(NullPointerException.class, () -> generate(1).subscribe(null));
  }

  @Test
  void cancelsForASubscriberThatThrows() throws InterruptedException {
    for (boolean early : new boolean[] {true, false}) {
      AtomicInteger signals = new AtomicInteger();
      Recorder failing =
          new Recorder() {
            @Override
            public void onSubscribe(Flow.Subscription s) {
              super.onSubscribe(s);
              if (early) {
                throw new IllegalStateException("not now");
              }
              s.request(5);
            }

            @Override
            public void onNext(String piece) {
              signals.incrementAndGet();
              throw new AssertionError("too much");
            }
          };
      Generation g = generate(3000);
      if (early) {
        assertThrows(IllegalStateException.class, () -> g.subscribe(failing));
      } else {
        g.subscribe(failing);
        failing.done.await();
        assertInstanceOf(AssertionError.class, failing.error);
      }
      assertEquals(FinishReason.CANCELLED, g.result().finish());
      failing.subscription.request(-1);
      failing.subscription.request(1);
      assertEquals(early ? 0 : 1, signals.get());
    }
  }

  @Test
  void signalsAWrongDemandOnItsOwnThreadAndOnce() throws InterruptedException {
    List<Thread> threads = new CopyOnWriteArrayList<>();
    Recorder greedy =
        new Recorder() {
          @Override
          public void onNext(String piece) {
            threads.add(Thread.currentThread());
            subscription.request(-1);
            super.onNext(piece);
            assertNull(error, "a signal within another");
          }

          @Override
          public void onError(Throwable t) {
            threads.add(Thread.currentThread());
            super.onError(t);
          }
        };
    Generation g = generate(3000);
    g.subscribe(greedy);
    greedy.subscription.request(Long.MAX_VALUE);
    greedy.done.await();
    assertInstanceOf(IllegalArgumentException.class, greedy.error);
    assertEquals(1, greedy.pieces.size());
    assertEquals(1, Set.copyOf(threads).size());
    assertEquals(2, threads.size());
    assertEquals(FinishReason.CANCELLED, g.result().finish());
  }
}
