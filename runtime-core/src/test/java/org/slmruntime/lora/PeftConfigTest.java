package org.slmruntime.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slmruntime.json.JsonException;

class PeftConfigTest {
  private static final String Q3 = "model.layers.3.self_attn.q_proj";

  private static PeftConfig parse(String more) {
    return PeftConfig.parse(("{'peft_type':'LORA'" + more + "}").replace('\'', '"'));
  }

  @Test
  void dividesAlphaByTheRankOrItsRoot() {
    assertEquals(1f, parse("").scale(Q3));
    assertEquals(2.5f, parse(",'r':4,'lora_alpha':10").scale(Q3));
    assertEquals(5f, parse(",'r':4,'lora_alpha':10,'use_rslora':true").scale(Q3));
    assertEquals(0.375f, parse(",'r':4,'lora_alpha':1.5").scale(Q3));
  }

  @Test
  void takesTheFirstPatternThatMatchesTheEndOfAModule() {
    PeftConfig config =
        parse(
            ",'r':4,'lora_alpha':8,'rank_pattern':{'layers.3.self_attn.q_proj':2,'q_proj':16},"
                + "'alpha_pattern':{'layers\\\\.[12]\\\\..*':32,'^model.layers.3.mlp.+':1}");
    assertEquals(2, config.rank(Q3));
    assertEquals(16, config.rank("model.layers.13.self_attn.q_proj"));
    assertEquals(4, config.rank("model.layers.3.self_attn.xq_proj"));
    assertEquals(4f, config.scale(Q3));
    assertEquals(2f, config.scale("model.layers.2.self_attn.q_proj"));
    assertEquals(0.25f, config.scale("model.layers.3.mlp.up_proj"));
    assertEquals(2f, config.scale("model.layers.4.mlp.up_proj"));
  }

  @Test
  void knowsTheModulesThatItChanges() {
    PeftConfig listed = parse(",'target_modules':['q_proj','lm_head']");
    assertTrue(listed.targets(Q3));
    assertTrue(listed.targets("lm_head"));
    assertFalse(listed.targets("model.layers.3.self_attn.xq_proj"));
    assertTrue(parse(",'target_modules':'all-linear'").targets(Q3));
  }

  @Test
  void readsWhatItWrites() {
    PeftConfig config =
        new PeftConfig(
            4,
            6.5,
            true,
            List.of(ModulePattern.of("q_proj", 2L)),
            List.of(ModulePattern.of("q_proj", 3.0)),
            List.of("q_proj"));
    PeftConfig read = PeftConfig.parse(config.json("base \"model\""));
    assertEquals(config.json("x"), read.json("x"));
    assertEquals(2, read.rank(Q3));
    assertEquals((float) (3 / Math.sqrt(2)), read.scale(Q3));
    assertEquals((float) (6.5 / 2), read.scale("model.layers.0.mlp.up_proj"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'use_dora':true|DoRA",
        "'fan_in_fan_out':true|transposed",
        "'lora_bias':true|biases in adapters",
        "'bias':'all'|trained biases",
        "'modules_to_save':['lm_head']|replaced as a whole",
        "'trainable_token_indices':[1]|embeddings",
        "'target_parameters':['x']|outside linear layers",
        "'alora_invocation_tokens':[5]|switch on",
        "'layer_replication':[[0,2]]|replicated",
        "'init_lora_weights':'pissa'|changes the base model too",
        "'init_lora_weights':'loftq'|changes the base model too",
        "'use_rslora':1|must be a boolean but is a number",
        "'r':0|\"r\" must be in 1..65536 but is 0",
        "'r':1.5|must be in 1..65536 but is 1.5",
        "'r':'8'|must be in 1..65536 but is a string",
        "'lora_alpha':1e999|\"lora_alpha\" must be a number",
        "'lora_alpha':null|must be a number but is null",
        "'rank_pattern':{'q':0}|rank_pattern of q must be in",
        "'rank_pattern':{'(q':1}|pattern (q",
        "'rank_pattern':[1]|must be a JSON object",
        "'target_modules':[1]|must be a JSON string",
        "'peft_type':'LORA'|a key for the second time",
      })
  void refusesWhatItCannotDo(String setting, String problem) {
    String message = assertThrows(JsonException.class, () -> parse("," + setting)).getMessage();
    assertTrue(message.contains(problem), message);
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void takesWhatIsSwitchedOff() {
    parse(
        ",'use_dora':false,'fan_in_fan_out':null,'modules_to_save':[],'bias':'none',"
            + "'rank_pattern':{},'alpha_pattern':null,'init_lora_weights':true,'unknown':3");
    parse(",'init_lora_weights':'gaussian'");
    JsonException e =
        assertThrows(JsonException.class, () -> PeftConfig.parse("{\"peft_type\":\"IA3\"}"));
    assertTrue(e.getMessage().contains("peft_type IA3 is not supported"), e.getMessage());
  }
}
