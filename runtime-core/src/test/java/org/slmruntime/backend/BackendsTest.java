package org.slmruntime.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.backend.spi.Availability;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.BackendProvider;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.engine.ModelRunner;
import org.slmruntime.testing.TinyLlama;

class BackendsTest {
  private static final BackendOptions OPTIONS = BackendOptions.defaults();

  @Test
  void listsProvidersByPriorityWithTheReferenceLast() {
    List<String> ids = Backends.providers().stream().map(BackendProvider::id).toList();
    assertEquals("absent", ids.get(0));
    assertEquals("small", ids.get(1));
    assertEquals("reference", ids.getLast());
  }

  @Test
  void saysOfEveryProviderWhetherItCanBeUsed() {
    List<Backends.Probe> probes = Backends.probe();
    assertInstanceOf(Availability.Unavailable.class, probes.getFirst().availability());
    assertInstanceOf(Availability.Available.class, probes.getLast().availability());
  }

  @Test
  void takesTheFirstThatIsThereAndAcceptedAndSaysWhyNotTheOthers() {
    Backends.Choice choice = Backends.choose("auto", OPTIONS, _ -> Optional.empty());
    assertEquals("small", choice.backend().id());
    assertEquals(
        "backend small (1000 bytes); not absent: its device is missing", choice.explanation());
  }

  @Test
  void closesTheRefusedAndGoesOnToTheNext() {
    List<Backend> refused = new ArrayList<>();
    Backends.Choice choice =
        Backends.choose(
            "auto",
            OPTIONS,
            backend -> {
              if (backend.id().equals("small")) {
                refused.add(backend);
                return Optional.of("too small");
              }
              return Optional.empty();
            });
    assertFalse(choice.backend().id().equals("small"));
    assertTrue(((SmallProvider.SmallBackend) refused.getFirst()).closed);
    assertTrue(
        choice.explanation().contains("; not absent: its device is missing; not small: too small"),
        choice.explanation());
  }

  @Test
  void goesOnToTheNextWhereOneCannotBeOpened() {
    Backends.Choice choice =
        Backends.choose("auto", new BackendOptions(0, 3), _ -> Optional.empty());
    assertFalse(choice.backend().id().equals("small"));
    assertTrue(
        choice.explanation().contains("; not small: there is no device 3"), choice.explanation());
  }

  @Test
  void closesTheBackendWhereAskingFails() {
    List<Backend> asked = new ArrayList<>();
    assertThrows(
        ArithmeticException.class,
        () ->
            Backends.choose(
                "auto",
                OPTIONS,
                backend -> {
                  asked.add(backend);
                  throw new ArithmeticException("too much");
                }));
    assertTrue(((SmallProvider.SmallBackend) asked.getFirst()).closed);
  }

  @Test
  void failsWithAllReasonsWhereNoneWillDo() {
    BackendException e =
        assertThrows(
            BackendException.class,
            () -> Backends.choose("auto", OPTIONS, b -> Optional.of("refuses " + b.id())));
    assertTrue(
        e.getMessage()
            .startsWith(
                "no backend can run this; not absent: its device is missing;"
                    + " not small: refuses small;"),
        e.getMessage());
    assertTrue(e.getMessage().endsWith("; not reference: refuses reference"), e.getMessage());
  }

  @Test
  void takesAForcedBackendWithoutAskingWhetherItWillDo() {
    Backends.Choice choice =
        Backends.choose("reference", OPTIONS, _ -> Optional.of("must not be asked"));
    assertEquals("reference", choice.backend().id());
  }

  @Test
  void refusesAForcedBackendThatIsNotThere() {
    BackendException e =
        assertThrows(
            BackendException.class,
            () -> Backends.choose("absent", OPTIONS, _ -> Optional.empty()));
    assertEquals("backend absent cannot be used: its device is missing", e.getMessage());
  }

  @Test
  void namesTheKnownBackendsForAnUnknownOne() {
    BackendException e =
        assertThrows(
            BackendException.class, () -> Backends.choose("tpu", OPTIONS, _ -> Optional.empty()));
    assertTrue(
        e.getMessage().startsWith("there is no backend \"tpu\"; known are auto, absent, small"),
        e.getMessage());
  }

  @Test
  void takesTheBackendOfTheSystemPropertyOnlyForAuto() {
    System.setProperty(Backends.PROPERTY, "reference");
    try {
      assertEquals("reference", chosen("auto"));
      assertEquals("small", chosen("small"));
    } finally {
      System.clearProperty(Backends.PROPERTY);
    }
    assertEquals("small", chosen("auto"));
  }

  private static String chosen(String wanted) {
    return Backends.choose(wanted, OPTIONS, _ -> Optional.empty()).backend().id();
  }

  @Test
  void passesOverADeviceWithTooLittleMemoryForAModel(@TempDir Path folder) {
    List<String> notices = new ArrayList<>();
    Path file = new TinyLlama(1).write(folder);
    ModelRunner.open(file, ModelOptions.defaults().notice(notices::add)).close();
    assertEquals(1, notices.size());
    assertTrue(
        notices.getFirst().contains("not small: it needs 1001 bytes and has 1000: 1 are missing"),
        notices.getFirst());
  }
}
