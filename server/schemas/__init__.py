"""What requests and answers look like. Views use the instances made here, never the classes."""
