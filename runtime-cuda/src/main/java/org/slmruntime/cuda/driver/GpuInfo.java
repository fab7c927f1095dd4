package org.slmruntime.cuda.driver;

/**
 * What a device is.
 *
 * @param ordinal index among the devices
 * @param driverVersion CUDA version the driver supports, e.g. 13000
 * @param computeCapability e.g. 90 for 9.0
 * @param multiprocessors number of SMs
 * @param memoryBytes in all
 */
public record GpuInfo(
    int ordinal,
    String name,
    int driverVersion,
    int computeCapability,
    int multiprocessors,
    long memoryBytes) {}
