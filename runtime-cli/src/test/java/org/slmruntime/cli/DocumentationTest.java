package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What docs/ shows can be typed and compiled. */
class DocumentationTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|\\S+");
  private static final Pattern OPTION = Pattern.compile("`(--?[a-z][a-z-]*)");

  static List<String> examples() throws IOException {
    List<String> examples = new ArrayList<>();
    for (String line : Files.readAllLines(DOCS.resolve("cli.md"))) {
      if (line.matches("(echo .*\\| )?slm .*")) {
        // A shell would put what a command prints where $(...) is.
        examples.add(line.substring(line.indexOf("slm ") + 4).replaceAll("\\$\\(.*\\)", "1"));
      }
    }
    return examples;
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyExampleOfTheCommandParses(String example) {
    String[] words =
        WORD.matcher(example)
            .results()
            .map(m -> m.group(1) == null ? m.group() : m.group(1))
            .toArray(String[]::new);
    assertDoesNotThrow(() -> command().parseArgs(words));
  }

  @Test
  void everyCommandIsExplained() throws IOException {
    String text = Files.readString(DOCS.resolve("cli.md"));
    for (String name : command().getSubcommands().keySet()) {
      if (name.equals("help")) {
        continue; // What --help says.
      }
      assertTrue(text.contains("\n## " + name + "\n"), "docs/cli.md does not explain " + name);
    }
  }

  @Test
  void everyOptionThatIsExplainedExists() throws IOException {
    Set<String> known = new TreeSet<>();
    Stream.concat(Stream.of(command()), command().getSubcommands().values().stream())
        .flatMap(line -> line.getCommandSpec().options().stream())
        .forEach(option -> known.addAll(List.of(option.names())));
    Set<String> explained = new TreeSet<>();
    OPTION
        .matcher(Files.readString(DOCS.resolve("cli.md")))
        .results()
        .forEach(m -> explained.add(m.group(1)));
    explained.removeAll(known);
    assertEquals(Set.of(), explained);
  }

  @Test
  void everyOptionIsExplained() throws IOException {
    String text = Files.readString(DOCS.resolve("cli.md"));
    for (CommandLine line : command().getSubcommands().values()) {
      for (OptionSpec option : line.getCommandSpec().options()) {
        String name = option.longestName();
        assertTrue(
            name.equals("--version") || text.contains(name),
            () -> "docs/cli.md does not explain " + name + " of " + line.getCommandName());
      }
    }
  }

  @Test
  void theEmbeddingExampleCompiles(@TempDir Path folder) throws IOException {
    String text = Files.readString(DOCS.resolve("embedding.md"));
    MatchResult block =
        Pattern.compile("```java\n(.*?public final class (\\w+).*?)```", Pattern.DOTALL)
            .matcher(text)
            .results()
            .findFirst()
            .orElseThrow();
    Path source = Files.writeString(folder.resolve(block.group(2) + ".java"), block.group(1));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    assertNotNull(compiler, "a JDK, not a JRE");
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(problems, null, null)) {
      List<String> flags = List.of("-proc:none", "-Xlint:all", "-Werror", "-d", folder.toString());
      boolean compiled =
          compiler
              .getTask(null, files, problems, flags, null, files.getJavaFileObjects(source))
              .call();
      assertTrue(compiled, () -> problems.getDiagnostics().toString());
    }
  }

  private static CommandLine command() {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    return new Slm(InputStream.nullInputStream()).commandLine(nowhere, nowhere);
  }
}
