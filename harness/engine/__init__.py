"""One run: plan, nurseries, probes, known deviations."""
