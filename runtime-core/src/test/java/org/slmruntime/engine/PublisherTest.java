package org.slmruntime.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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

  private static final class Recorder implements Flow.Subscriber<String> {
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
}
