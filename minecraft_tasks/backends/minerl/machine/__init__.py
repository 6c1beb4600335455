"""Minecraft's needs of a machine: Java, a display, ports, disk, memory. Exports nothing."""
