package org.slmruntime.cuda.driver;

import org.slmruntime.cuda.driver.GpuDriver.Launch;

/**
 * A launch with its pointers made.
 *
 * @param table of the arguments' addresses
 * @param arguments kept so that their memory stays reachable
 */
record PreparedLaunch(
    String name,
    NativePointers.Function function,
    Grid grid,
    int sharedBytes,
    NativePointers.Table table,
    KernelArguments arguments)
    implements Launch {}
