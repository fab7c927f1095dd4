package org.slmruntime.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.slmruntime.architecture.Layout.CLASSES;
import static org.slmruntime.architecture.Layout.ROOT;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.library.dependencies.Slice;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may depend on whom, held against the compiled classes of all modules. */
class ArchitectureTest {
  private static final String OURS = ROOT + "..";

  @Test
  void everyPackageHasItsRowInTheLayout() {
    TreeSet<String> found =
        CLASSES.stream()
            .map(JavaClass::getPackageName)
            .filter(name -> name.startsWith(ROOT + "."))
            .map(name -> name.substring(ROOT.length() + 1).replaceAll("\\..*", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    TreeSet<String> rows =
        Layout.all().stream().map(Layout::folder).collect(Collectors.toCollection(TreeSet::new));
    assertEquals(rows, found);
  }

  @ParameterizedTest
  @MethodSource("packages")
  void aPackageUsesOnlyWhatItsRowNames(Layout layout) {
    noClasses()
        .that()
        .resideInAPackage(layout.pattern())
        .should()
        .dependOnClassesThat(resideInAPackage(OURS).and(not(resideInAnyPackage(layout.allowed()))))
        .check(CLASSES);
  }

  static List<Layout> packages() {
    return Layout.all();
  }

  @Test
  void topLevelPackagesHaveNoCycles() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @ParameterizedTest
  @MethodSource("jdkOnly")
  void coreAndProbingNeedNothingButTheJdk(Layout layout) {
    classes()
        .that()
        .resideInAPackage(layout.pattern())
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", OURS)
        .check(CLASSES);
  }

  static List<Layout> jdkOnly() {
    return Layout.all().stream()
        .filter(row -> Layout.CORE.contains(row) || row.folder().equals("natives"))
        .toList();
  }

  @Test
  void theBackendInterfaceKnowsTheGraphAndNoImplementation() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".backend.spi..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT + ".backend", ROOT + ".backend.reference..", ROOT + ".quant..")
        .check(CLASSES);
  }

  @Test
  void differentiationKnowsTheGraphAndNoExecutor() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".train.gradient..")
        .should()
        .dependOnClassesThat(
            resideInAPackage(OURS)
                .and(
                    not(
                        resideInAnyPackage(
                            ROOT, ROOT + ".graph..", ROOT + ".train", ROOT + ".train.gradient.."))))
        .check(CLASSES);
  }

  @Test
  void familiesDoNotKnowEachOther() {
    slices()
        .matching(ROOT + ".model.(*)..")
        .that(not(blocks()))
        .should()
        .notDependOnEachOther()
        .ignoreDependency(
            resideInAPackage(ROOT + ".model.."), resideInAPackage(ROOT + ".model.block.."))
        .check(CLASSES);
  }

  private static DescribedPredicate<Slice> blocks() {
    return DescribedPredicate.describe(
        "shared blocks", slice -> slice.getNamePart(1).equals("block"));
  }

  @Test
  void onlyTheCpuBackendUsesTheVectorApi() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".cpu..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.incubator.vector..")
        .check(CLASSES);
  }

  @Test
  void theCpuProviderCanBeLoadedWithoutTheVectorApi() {
    noClasses()
        .that()
        .haveSimpleNameEndingWith("BackendProvider")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.incubator.vector..")
        .check(CLASSES);
  }

  @Test
  void onlyTheCommandParsesArgumentsAndTalksToTheTerminal() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".cli..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("picocli..", "org.jline..")
        .check(CLASSES);
  }

  @Test
  void onlyTheCommandEndsTheProcess() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".cli..")
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .check(CLASSES);
  }

  @Test
  void nobodyPrintsPastTheCommandsStreams() {
    noClasses()
        .that()
        .resideInAPackage(OURS)
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(CLASSES);
  }

  @Test
  void nobodyUsesReflection() {
    noClasses()
        .that()
        .resideInAPackage(OURS)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.reflect..")
        .orShould()
        .callMethod(Class.class, "forName", String.class)
        .check(CLASSES);
  }

  @Test
  void onlyTheModulesForItCallNativeCode() {
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT + ".natives..", ROOT + ".cuda..")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.foreign.Linker")
        .check(CLASSES);
  }

  @Test
  void onlyTheCudaDriversBorderNamesItsBindings() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".cuda.driver..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.bytedeco..")
        .check(CLASSES);
  }

  @Test
  void theInterpreterOfKernelsIsForTestsAlone() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".ptx..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + ".ptx..")
        .check(CLASSES);
  }

  @Test
  void failuresOfUsersHaveOneRoot() {
    classes()
        .that()
        .areAssignableTo(RuntimeException.class)
        .and()
        .resideInAPackage(OURS)
        .and()
        .resideOutsideOfPackage(ROOT + ".cli..")
        .should()
        .beAssignableTo(ROOT + ".SlmException")
        .check(CLASSES);
  }
}
