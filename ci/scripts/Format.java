import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks or applies google-java-format over every Java source of the checkout.
 *
 * <p>{@code java -cp google-java-format.jar Format.java --check|--apply ROOT}; exit code 1 if a
 * file differs. {@code mvn -N validate -Dformat.mode=--apply} runs it on the right JDK.
 */
final class Format {
  public static void main(String[] args) throws IOException {
    boolean apply = args[0].equals("--apply");
    Path root = Path.of(args[1]);
    List<Path> differing;
    try (Stream<Path> files = Files.walk(root)) {
      differing =
          files
              .filter(f -> f.toString().endsWith(".java"))
              .filter(f -> !root.relativize(f).toString().contains("target/"))
              .toList()
              .parallelStream()
              .filter(f -> !isFormatted(f, apply))
              .toList();
    }
    for (Path file : differing) {
      System.err.println((apply ? "formatted " : "not formatted: ") + root.relativize(file));
    }
    if (!apply && !differing.isEmpty()) {
      System.err.println("run: mvn -N validate -Dformat.mode=--apply");
      System.exit(1);
    }
  }

  private static boolean isFormatted(Path file, boolean apply) {
    try {
      String text = Files.readString(file);
      String ordered =
          ImportOrderer.reorderImports(
              RemoveUnusedImports.removeUnusedImports(text), JavaFormatterOptions.Style.GOOGLE);
      String formatted = new Formatter().formatSource(ordered);
      if (apply && !formatted.equals(text)) {
        Files.writeString(file, formatted);
      }
      return formatted.equals(text);
    } catch (IOException | FormatterException e) {
      throw new IllegalStateException(file + ": " + e.getMessage(), e);
    }
  }
}
