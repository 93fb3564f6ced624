"""The zoo: small trainings that are sick in a known way, each beside its healthy twin, to measure what the guards find"""
