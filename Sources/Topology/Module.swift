// Topology
