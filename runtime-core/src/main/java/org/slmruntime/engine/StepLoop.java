package org.slmruntime.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.IntPredicate;
import org.slmruntime.backend.spi.DeviceSampling;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.sampling.Sampler;
import org.slmruntime.sampling.TokenChoice;
import org.slmruntime.sampling.TokenDraws;

/**
 * The thread that runs a model's steps. Each step holds one token of every request that is decoding
 * and as much of waiting prompts as the token budget allows. Requests start in order of arrival.
 */
final class StepLoop implements Runnable {
  private static final int QUEUE_CAPACITY = 4096;

  private final ModelRunner runner;
  private final int maxSequences;
  private final IntPredicate endsGeneration;
  private final BlockingQueue<Generation> incoming = new ArrayBlockingQueue<>(QUEUE_CAPACITY);
  private final ArrayDeque<Generation> waiting = new ArrayDeque<>();
  private final List<Running> running = new ArrayList<>();
  private final StepInput input = new StepInput();
  private final TokenDraws draws = new TokenDraws();

  /** Has a permit when there may be news: a request, or the end. */
  private final Semaphore news = new Semaphore(0);

  private volatile boolean closing;

  /** Gives the token of an output row. */
  @FunctionalInterface
  private interface Chooser {
    TokenChoice choose(Sampler sampler, int row);
  }

  /** A request with its place in the cache. */
  private static final class Running {
    final Generation generation;
    final ModelRunner.Sequence sequence;

    /** The token to feed next, once the prompt is done. */
    int next;

    int fed;
    int outputRow;

    Running(Generation generation, ModelRunner.Sequence sequence) {
      this.generation = generation;
      this.sequence = sequence;
    }

    int promptLeft() {
      return generation.prompt.length - sequence.length();
    }
  }

  StepLoop(ModelRunner runner, int maxSequences, IntPredicate endsGeneration) {
    this.runner = runner;
    this.maxSequences = maxSequences;
    this.endsGeneration = endsGeneration;
  }

  /** Queues a request, or fails if too many wait. */
  void submit(Generation generation) {
    if (!incoming.offer(generation)) {
      throw new EngineException(QUEUE_CAPACITY + " requests are waiting already");
    }
    news.release();
    // If the loop ended in between, nobody else will look into the queue again.
    if (closing && incoming.remove(generation)) {
      generation.complete(FinishReason.CANCELLED);
    }
  }

  /** Ends the loop after the step in progress; requests in progress are cancelled. */
  void close() {
    closing = true;
    news.release();
  }

  @Override
  public void run() {
    try {
      while (!closing) {
        if (running.isEmpty() && waiting.isEmpty()) {
          news.acquire();
        }
        news.drainPermits();
        incoming.drainTo(waiting);
        dropCancelled();
        admit();
        if (!running.isEmpty()) {
          step();
        }
      }
      finishAll(null);
    } catch (InterruptedException | RuntimeException | Error e) {
      finishAll(e);
    }
  }

  /** Ends everything: cancelled, or failed if there is a cause. */
  private void finishAll(Throwable cause) {
    closing = true;
    incoming.drainTo(waiting);
    running.forEach(r -> waiting.add(r.generation));
    for (Generation generation : waiting) {
      if (cause == null) {
        generation.complete(FinishReason.CANCELLED);
      } else {
        generation.fail(cause);
      }
    }
  }

  boolean isClosing() {
    return closing;
  }

  private void dropCancelled() {
    waiting.removeIf(
        generation -> {
          // Asked once: one cancelled in between must not be dropped without its end.
          boolean cancelled = generation.isCancelled();
          if (cancelled) {
            generation.complete(FinishReason.CANCELLED);
          }
          return cancelled;
        });
    for (Iterator<Running> i = running.iterator(); i.hasNext(); ) {
      Running request = i.next();
      if (request.generation.isCancelled()) {
        request.sequence.close();
        request.generation.complete(FinishReason.CANCELLED);
        i.remove();
      }
    }
  }

  private void admit() {
    while (running.size() < maxSequences && !waiting.isEmpty()) {
      Generation generation = waiting.poll();
      generation.start();
      for (int token : generation.prompt) {
        generation.sampler.accept(token);
      }
      if (generation.sampling.maxTokens() == 0) {
        generation.complete(FinishReason.LENGTH);
      } else {
        running.add(new Running(generation, runner.newSequence()));
      }
    }
  }

  private void step() {
    input.clear();
    int budget = runner.stepTokens();
    int rows = 0;
    for (Running request : running) {
      boolean decoding = request.promptLeft() <= 0;
      budget -= decoding ? 1 : 0;
    }
    for (Running request : running) {
      boolean decoding = request.promptLeft() <= 0;
      request.fed = decoding ? 1 : Math.min(budget, request.promptLeft());
      budget -= decoding ? 0 : request.fed;
      request.outputRow = -1;
      if (request.fed > 0) {
        rows = addTokens(request, decoding, rows);
      }
    }
    Chooser chooser = compute(rows);
    for (Iterator<Running> i = running.iterator(); i.hasNext(); ) {
      Running request = i.next();
      request.sequence.advance(request.fed);
      if (request.outputRow >= 0 && !advance(request, chooser)) {
        request.sequence.close();
        i.remove();
      }
    }
  }

  /** Adds a request's tokens to the step; its last one has an output row if the prompt is done. */
  private int addTokens(Running request, boolean decoding, int rows) {
    int start = request.sequence.length();
    if (!request.sequence.reserve(start + request.fed)) {
      throw new EngineException("the key/value cache is full");
    }
    input.beginSequence(request.sequence.blocks().blocks(), request.sequence.blocks().count());
    boolean completes = decoding || request.fed == request.promptLeft();
    for (int i = 0; i < request.fed; i++) {
      int token = decoding ? request.next : request.generation.prompt[start + i];
      input.addToken(token, start + i, completes && i == request.fed - 1);
    }
    request.outputRow = completes ? rows : -1;
    return completes ? rows + 1 : rows;
  }

  /** Runs the step, with tokens chosen on the device where it can do that for all of its rows. */
  private Chooser compute(int rows) {
    Optional<DeviceSampling> device = rows == 0 ? Optional.empty() : runner.sampling();
    for (Running request : running) {
      if (request.outputRow >= 0 && !request.generation.sampler.isSimple()) {
        device = Optional.empty();
      }
    }
    if (device.isEmpty()) {
      float[] logits = runner.step(input);
      return (sampler, row) -> sample(sampler, logits, row);
    }
    draws.clear();
    for (Running request : running) {
      if (request.outputRow >= 0) {
        request.generation.sampler.draw(draws);
      }
    }
    DeviceSampling sampling = device.get();
    int[] ids = runner.sample(sampling, input, draws);
    // Where there is nothing to choose from, the sampler says so of the logits.
    return (sampler, row) ->
        ids[row] >= 0 ? sampler.chosen(ids[row]) : sample(sampler, sampling.logits(), row);
  }

  private TokenChoice sample(Sampler sampler, float[] logits, int row) {
    int vocabulary = runner.model().vocabulary();
    return sampler.sample(logits, row * vocabulary, vocabulary);
  }

  /** Takes a request's next token; returns whether it goes on. Its failure is its own. */
  private boolean advance(Running request, Chooser chooser) {
    Generation generation = request.generation;
    try {
      TokenChoice choice = chooser.choose(generation.sampler, request.outputRow);
      int token = choice.token();
      boolean ends =
          endsGeneration.test(token) && !generation.sampling.ignoreEnd()
              || generation.sampling.stopTokens().contains(token);
      boolean stopped = generation.accept(choice, ends);
      if (ends || stopped) {
        generation.complete(FinishReason.STOP);
        return false;
      }
      boolean full = request.sequence.length() + 1 >= runner.contextLength();
      if (full || generation.generated() >= generation.sampling.maxTokens()) {
        generation.complete(FinishReason.LENGTH);
        return false;
      }
      request.next = token;
      return true;
    } catch (RuntimeException e) {
      generation.fail(e);
      return false;
    }
  }
}
