package org.slmruntime.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.slmruntime.hub.HubSettings;
import org.slmruntime.hub.ModelHub;
import org.slmruntime.hub.ModelName;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Downloads a model. */
@Command(
    name = "pull",
    description = "Download a model from Hugging Face into the cache; prints the file's path.",
    footer = {
      "",
      "What came before a break is kept: the same command goes on with it.",
      "HF_TOKEN opens private and gated models; HF_ENDPOINT, HF_HOME, HF_HUB_CACHE and",
      "HF_HUB_OFFLINE are heeded too.",
      "",
      "Examples:",
      "  slm pull owner/repo",
      "  slm pull owner/repo:Q4_K_M",
      "  slm pull owner/repo:model.gguf"
    })
final class PullCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "NAME",
      description = "owner/repo, or owner/repo:FILE with a file's path or a quantization.")
  ModelName name;

  @Option(
      names = {"-q", "--quiet"},
      description = "Only results and errors, no progress.")
  boolean quiet;

  @ParentCommand Slm slm;

  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    HubSettings settings = HubSettings.fromEnvironment(slm.environment(), HubSettings.home());
    Path file;
    try (PullProgress progress = new PullProgress(spec.commandLine().getErr(), quiet)) {
      file = new ModelHub(settings).pull(name, progress);
    }
    spec.commandLine().getOut().println(file);
    spec.commandLine().getOut().flush();
    return 0;
  }
}
