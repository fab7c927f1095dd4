package org.slmruntime.ptx;

import java.util.HashMap;
import java.util.Map;

/** Where the variables of a function lie, once it is inlined. */
final class Frame {
  /**
   * @param space param (of the entry), local or shared
   */
  record Place(String space, long address) {}

  private final Map<String, Place> places = new HashMap<>();

  void put(String name, Place place) {
    places.put(name, place);
  }

  /** Null for a variable of the module. */
  Place find(String name) {
    return places.get(name);
  }
}
