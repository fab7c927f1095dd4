package org.slmruntime.benchmarks.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slmruntime.benchmarks.BenchmarkException;
import org.slmruntime.json.Json;
import org.slmruntime.json.JsonException;

/**
 * A bench in a process of its own. It prints an object with {@code "ready": true} once it is warm,
 * and after that, for each line that it gets, one with its figure.
 */
final class BenchProcess implements Ready {
  /** For loading, filling the cache and warming up, and for each measurement. */
  static final Duration LIMIT = Duration.ofMinutes(30);

  private final String name;
  private final Cell cell;
  private final Duration limit;
  private final Path errors;
  private final ChildProcess child;
  private final BufferedReader answers;
  private final OutputStream requests;

  private BenchProcess(String name, ProcessBuilder builder, Cell cell, Duration limit)
      throws IOException {
    this.name = name;
    this.cell = cell;
    this.limit = limit;
    errors = Files.createTempFile("slm-compare", ".err");
    try {
      child = ChildProcess.start(builder.redirectError(errors.toFile()));
    } catch (IOException | RuntimeException e) {
      Files.delete(errors);
      throw e;
    }
    answers = child.process().inputReader(StandardCharsets.UTF_8);
    requests = child.process().getOutputStream();
  }

  /**
   * Starts a bench and waits until it is ready.
   *
   * @param name in messages
   * @param limit of each answer
   * @throws BenchmarkException if it cannot be started, ends, takes too long, or prints something
   *     else, with its last words
   */
  static BenchProcess start(String name, ProcessBuilder builder, Cell cell, Duration limit) {
    BenchProcess bench;
    try {
      bench = new BenchProcess(name, builder, cell, limit);
    } catch (IOException e) {
      throw new BenchmarkException(name + " cannot be run: " + e.getMessage(), e);
    }
    try {
      bench.awaitReady();
    } catch (RuntimeException | Error e) {
      bench.close();
      throw e;
    }
    return bench;
  }

  private void awaitReady() {
    String line = answer();
    if (!Boolean.TRUE.equals(object(line).get("ready"))) {
      throw failure("is not ready but printed \"" + line + "\"", null);
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws BenchmarkException if it ends, takes too long, or prints no figure, with its last words
   */
  @Override
  public double measure() {
    try {
      requests.write('\n');
      requests.flush();
    } catch (IOException _) {
      // It has ended, and so does what it prints.
    }
    String line = answer();
    if (object(line).get(cell.key()) instanceof Number speed && speed.doubleValue() > 0) {
      return speed.doubleValue();
    }
    throw failure("has no " + cell.key() + " in \"" + line + "\"", null);
  }

  private Map<String, Object> object(String line) {
    try {
      return Json.parseObject(line);
    } catch (JsonException e) {
      throw failure("printed \"" + line + "\", which is no JSON object", e);
    }
  }

  private String answer() {
    FutureTask<String> line = new FutureTask<>(answers::readLine);
    Thread.ofPlatform().daemon().name("slm-compare-answer").start(line);
    try {
      String answer = line.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (answer != null) {
        return answer;
      }
      boolean ended = child.process().waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      throw failure(ended ? "ended with " + child.process().exitValue() : "fell silent", null);
    } catch (TimeoutException e) {
      throw failure("has not answered for " + limit.toSeconds() + " s", e);
    } catch (ExecutionException | InterruptedException e) {
      throw failure("cannot be heard: " + e.getMessage(), e);
    }
  }

  private BenchmarkException failure(String what, Exception cause) {
    return new BenchmarkException(name + " " + what + ": " + lastWords(), cause);
  }

  private String lastWords() {
    try {
      return ProcessRun.lastWords(ProcessRun.text(errors));
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Override
  public void close() {
    child.close();
    try {
      Files.deleteIfExists(errors);
    } catch (IOException e) {
      throw new BenchmarkException(errors + ": cannot be deleted: " + e.getMessage(), e);
    }
  }
}
