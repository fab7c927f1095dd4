package org.slmruntime.gpuparity;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs JUnit tests and keeps what did not pass. */
final class ConformanceRun implements TestExecutionListener {
  private final List<Map<String, Object>> rows = new ArrayList<>();
  private int passed;
  private int failed;
  private int skipped;

  private ConformanceRun() {}

  /** One suite. */
  static SectionResult of(String name, Class<?> suite) {
    return run(name, List.of(DiscoverySelectors.selectClass(suite)));
  }

  /** The modules' own tests of kernels and backend, on the interpreter. */
  static SectionResult onInterpreter() {
    return run(
        "tests",
        List.of(
            DiscoverySelectors.selectPackage("org.slmruntime.kernels"),
            DiscoverySelectors.selectPackage("org.slmruntime.cuda")));
  }

  static SectionResult run(String name, List<? extends DiscoverySelector> selectors) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectors)
            .filters(
                ClassNameFilter.includeClassNamePatterns(".*Test", ".*[.$]Gpu[A-Z]\\w+"),
                // They read files that only a checkout has.
                ClassNameFilter.excludeClassNamePatterns(".*\\.(NativeCalls|ShippedPtx)Test"))
            .build();
    ConformanceRun listener = new ConformanceRun();
    LauncherFactory.create().execute(request, listener);
    String told =
        listener.passed
            + " tests passed, "
            + listener.failed
            + " failed, "
            + listener.skipped
            + " were skipped";
    boolean good = listener.failed == 0 && listener.passed > 0;
    return new SectionResult(name, good, told, listener.rows);
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    skipped++;
    add(test, "skipped", reason);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    String why = result.getThrowable().map(Throwable::toString).orElse("");
    switch (result.getStatus()) {
      case SUCCESSFUL -> passed += test.isTest() ? 1 : 0;
      case ABORTED -> {
        skipped++;
        add(test, "skipped", why);
      }
      case FAILED -> {
        failed++;
        add(test, "failed", why);
      }
    }
  }

  private void add(TestIdentifier test, String status, String reason) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("test", test.getSource().map(ConformanceRun::place).orElse(""));
    row.put("case", test.getDisplayName());
    row.put("status", status);
    row.put("reason", reason);
    rows.add(row);
  }

  private static String place(TestSource source) {
    return switch (source) {
      case MethodSource method -> simple(method.getClassName()) + "." + method.getMethodName();
      case ClassSource type -> simple(type.getClassName());
      default -> source.toString();
    };
  }

  private static String simple(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }
}
