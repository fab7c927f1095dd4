package org.slmruntime.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NativeImageMetadataTest {
  private static final String FILE =
      "/META-INF/native-image/org.slmruntime/native-config/reachability-metadata.json";
  private static final Pattern DOWNCALL =
      Pattern.compile("\\{ \"returnType\": \"([^\"]*)\", \"parameterTypes\": \\[([^]]*)] }");

  @Test
  void listsTheSignatureOfEveryNativeCall() throws IOException {
    String text;
    try (InputStream in = NativeImageMetadataTest.class.getResourceAsStream(FILE)) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    Set<String> listed =
        DOWNCALL
            .matcher(text)
            .results()
            .map(call -> call.group(1) + "(" + call.group(2).replace("\"", "") + ")")
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> called =
        Stream.of(
                DriverFunctions.ALL.values(),
                LargeMemory.FUNCTIONS.values(),
                List.of(NativePlatform.VERSION))
            .flatMap(Collection::stream)
            .map(NativeImageMetadataTest::signature)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(called, listed);
  }

  private static String signature(FunctionDescriptor function) {
    return name(function.returnLayout().orElseThrow())
        + function.argumentLayouts().stream()
            .map(NativeImageMetadataTest::name)
            .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String name(MemoryLayout layout) {
    return layout instanceof AddressLayout ? "void*" : layout.byteSize() == 4 ? "jint" : "jlong";
  }
}
