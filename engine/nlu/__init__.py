"""Words to scored intents and slot values: layered, deterministic and explained."""
