package org.slmruntime.cuda.driver;

import java.lang.foreign.MemorySegment;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Pointers of the bindings' types that are made once and set to an address, since allocating one
 * per call costs more than the call. They own nothing. A call that creates something leaves its
 * handle as the address.
 */
final class NativePointers {
  private NativePointers() {}

  static final class Address extends Pointer {
    Address at(long to) {
      address = to;
      return this;
    }

    Address at(MemorySegment nativeMemory) {
      return at(nativeMemory.address());
    }
  }

  /** An array of addresses. For these the bindings take a plain pointer to be one element. */
  static final class Table extends PointerPointer<Pointer> {
    Table(MemorySegment nativeMemory) {
      super((Pointer) null);
      address = nativeMemory.address();
    }
  }

  static final class Context extends CUctx_st {}

  static final class Stream extends CUstream_st {
    Stream at(long handle) {
      address = handle;
      return this;
    }
  }

  static final class Event extends CUevent_st {
    Event at(long handle) {
      address = handle;
      return this;
    }
  }

  static final class Module extends CUmod_st {
    Module at(long handle) {
      address = handle;
      return this;
    }
  }

  static final class Function extends CUfunc_st {
    Function at(long handle) {
      address = handle;
      return this;
    }
  }

  static final class Graph extends CUgraph_st {}

  static final class GraphExec extends CUgraphExec_st {
    GraphExec at(long handle) {
      address = handle;
      return this;
    }
  }
}
