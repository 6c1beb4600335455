"""What Minecraft needs of a machine: Java, a display, ports, room."""
